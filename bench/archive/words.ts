const vocabulary = 25_000;
const consonants = 'bcdfglmnprst';
const vowels = 'aeiou';

/** The word of this rank: 0 is the most frequent one. */
export function wordOf(rank: number): string {
  let word = '';
  for (let left = rank + 7; left > 0; left = Math.floor(left / 60)) {
    word += `${consonants[left % 12]}${vowels[Math.floor(left / 12) % 5]}`;
  }
  return word;
}

/** A word as often as language has it: the n-th most frequent one in proportion to 1/n (Zipf). */
export function anyWord(random: () => number): string {
  return wordOf(Math.min(vocabulary - 1, Math.floor(vocabulary ** random())));
}
