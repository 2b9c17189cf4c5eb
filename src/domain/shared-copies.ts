/** `auto` leaves it to the size of the post and of the list. */
export type Personalize = 'auto' | 'always' | 'never';

interface PostToMany {
  readonly bytes: number;
  /** Infinity: they are still being counted. */
  readonly recipients: number;
}

const aboveBytes = 1024 * 1024;
const aboveRecipients = 200;

/** Whether one copy of a post serves many recipients, with nothing personal in it (email.md §5.8). The list's wish goes first. */
export function sharesCopies(
  wish: { readonly list: Personalize; readonly site: Personalize },
  { bytes, recipients }: PostToMany,
): boolean {
  const decided = wish.list === 'auto' ? wish.site : wish.list;
  return decided === 'auto' ? recipients > aboveRecipients && bytes > aboveBytes : decided === 'never';
}
