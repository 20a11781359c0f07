import { nodePlatform } from '@millrace/core/node'
