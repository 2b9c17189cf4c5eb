/** All pages of a listing that says where the next one starts. */
export async function everyRule<Rule>(
  page: (after: number) => Promise<{ readonly rules: readonly Rule[]; readonly next?: number }>,
): Promise<readonly Rule[]> {
  const all: Rule[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { rules, next } = await page(after);
    all.push(...rules);
    after = next;
  }
  return all;
}
