// The statistics of q15 and q16: how many bids, bidders and auctions, in all and in each of three ranks of price.

import { type AggregateFunction, type Infer, Types } from 'millrace'
import type { Bid } from '../model.ts'

/** Below the first: rank 1; below the second: rank 2; all others: rank 3. */
const RANK_PRICES = [10_000, 1_000_000] as const

/** The fields of a result, without what it is grouped by. */
export const STATISTICS_FIELDS = {
  totalBids: Types.long,
  rank1Bids: Types.long,
  rank2Bids: Types.long,
  rank3Bids: Types.long,
  totalBidders: Types.long,
  rank1Bidders: Types.long,
  rank2Bidders: Types.long,
  rank3Bidders: Types.long,
  totalAuctions: Types.long,
  rank1Auctions: Types.long,
  rank2Auctions: Types.long,
  rank3Auctions: Types.long,
} as const

/** For each id, the ranks in which it came: bit 0 for rank 1, and so on. */
const RanksById = Types.map(Types.int, Types.int)

const BidStatistics = Types.record({
  bids: Types.array(Types.long),
  bidders: RanksById,
  biddersInRank: Types.array(Types.long),
  auctions: RanksById,
  auctionsInRank: Types.array(Types.long),
  lastTime: Types.long,
})
export type BidStatistics = Infer<typeof BidStatistics>

/** Gathers the statistics of bids. */
export const bidStatistics: AggregateFunction<Bid, BidStatistics, BidStatistics> = {
  accumulatorType: BidStatistics,
  createAccumulator: () => ({
    bids: [0, 0, 0],
    bidders: new Map(),
    biddersInRank: [0, 0, 0],
    auctions: new Map(),
    auctionsInRank: [0, 0, 0],
    lastTime: 0,
  }),
  add(statistics, { auction, bidder, price, dateTime }) {
    const rank = price < RANK_PRICES[0] ? 0 : price < RANK_PRICES[1] ? 1 : 2
    addAt(statistics.bids, rank, 1)
    note(statistics.bidders, statistics.biddersInRank, bidder, rank)
    note(statistics.auctions, statistics.auctionsInRank, auction, rank)
    if (dateTime > statistics.lastTime) statistics.lastTime = dateTime
    return statistics
  },
  merge(left, right) {
    right.bids.forEach((count, rank) => addAt(left.bids, rank, count))
    noteAll(left.bidders, left.biddersInRank, right.bidders)
    noteAll(left.auctions, left.auctionsInRank, right.auctions)
    left.lastTime = Math.max(left.lastTime, right.lastTime)
    return left
  },
  getResult: (statistics) => statistics,
}

/** The counts of statistics, under the names of {@link STATISTICS_FIELDS}. */
export function countsOf(
  statistics: BidStatistics,
): Record<keyof typeof STATISTICS_FIELDS, number> {
  const [rank1Bids = 0, rank2Bids = 0, rank3Bids = 0] = statistics.bids
  const [rank1Bidders = 0, rank2Bidders = 0, rank3Bidders = 0] = statistics.biddersInRank
  const [rank1Auctions = 0, rank2Auctions = 0, rank3Auctions = 0] = statistics.auctionsInRank
  return {
    totalBids: rank1Bids + rank2Bids + rank3Bids,
    rank1Bids,
    rank2Bids,
    rank3Bids,
    totalBidders: statistics.bidders.size,
    rank1Bidders,
    rank2Bidders,
    rank3Bidders,
    totalAuctions: statistics.auctions.size,
    rank1Auctions,
    rank2Auctions,
    rank3Auctions,
  }
}

/** An id came in a rank. */
function note(ranksById: Map<number, number>, inRank: number[], id: number, rank: number): void {
  const ranks = ranksById.get(id) ?? 0
  const bit = 1 << rank
  if ((ranks & bit) !== 0) return
  ranksById.set(id, ranks | bit)
  addAt(inRank, rank, 1)
}

function noteAll(
  ranksById: Map<number, number>,
  inRank: number[],
  others: ReadonlyMap<number, number>,
): void {
  for (const [id, ranks] of others) {
    for (let rank = 0; rank < 3; rank++) {
      if ((ranks & (1 << rank)) !== 0) note(ranksById, inRank, id, rank)
    }
  }
}

function addAt(counts: number[], index: number, amount: number): void {
  counts[index] = (counts[index] ?? 0) + amount
}
