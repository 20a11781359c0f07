export { nodePlatform, type NodePlatformOptions } from './node-platform.ts'
export { nodePort, nodePortPair } from './node-ports.ts'
