import { arcNames } from '../mail/arc-seal.ts';
import { personalNames } from './personal-headers.ts';

/**
 * Names of the fields, lower case, that go on top of somebody's mail after it was rewritten: what was found out about its author, the ARC
 * set and our signature; on a post what is personal, too. A signature that says of one of them that there is none does not survive that.
 * Where a field is left out for once, its name is still among them: then a From is rewritten that need not be, which harms nobody.
 */
export const fieldsToCome: Readonly<Record<'forward' | 'post', readonly string[]>> = {
  forward: ['dkim-signature', ...arcNames, 'authentication-results'],
  post: ['dkim-signature', ...personalNames, ...arcNames, 'authentication-results'],
};
