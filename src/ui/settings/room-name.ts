/** Room names that can be read out over a table: four words of two syllables, about 50 bits. Pure. */

const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aeiou';
const WORDS = 4;

/** Bytes `createRoomName` needs: two for each syllable. */
export const ROOM_NAME_BYTES = WORDS * 4;

/** A name such as `bako-lumi-tero-nasu` from random bytes (`ROOM_NAME_BYTES` of them; missing ones count as 0). */
export function createRoomName(random: Uint8Array): string {
  const words: string[] = [];
  for (let word = 0; word < WORDS; word += 1)
    words.push(syllable(random, word * 4) + syllable(random, word * 4 + 2));
  return words.join('-');
}

function syllable(random: Uint8Array, at: number): string {
  // 256 is a multiple of 16, so consonants are exactly even; vowels lean to one letter by 0.4 %.
  return CONSONANTS.charAt((random[at] ?? 0) % 16) + VOWELS.charAt((random[at + 1] ?? 0) % 5);
}
