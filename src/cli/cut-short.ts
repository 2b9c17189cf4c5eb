/** At most `most` characters, the last of them `…` where something was cut off; no character is cut in two. */
export function cutShort(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
