/**
 * Names the partition of a key: a whole number from 0 up to, but not including, `numPartitions`. Must give the same answer at
 * every call for a key. See `DataStream.partitionCustom`.
 */
export type Partitioner<K> = (key: K, numPartitions: number) => number
