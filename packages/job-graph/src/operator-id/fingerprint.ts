// A 64-bit fingerprint of text: two murmur3 lanes. Good for telling plans apart, not for security.

/** Sixteen hexadecimal digits that depend on every character of `text`. */
export function fingerprint(text: string): string {
  return lane(text, 0x9747b28c) + lane(text, 0x3c6ef372)
}

function lane(text: string, seed: number): string {
  let h = seed
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
    h ^= k
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
  }
  h ^= text.length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  h ^= h >>> 16
  return (h >>> 0).toString(16).padStart(8, '0')
}
