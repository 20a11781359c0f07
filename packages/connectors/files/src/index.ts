export { FileSink, type FileSinkOptions } from './file-sink.ts'
export { FileSource, type FileSourceOptions } from './file-source.ts'
export { textLines } from './text-lines.ts'
