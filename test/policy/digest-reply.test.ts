import { describe, expect, test } from 'vitest';
import { isDigestSubject } from '../../src/policy/digest-reply.ts';

describe('the subject of a digest', () => {
  test.each([
    ['Mailman', 'Re: Birds Digest, Vol 3, Issue 4'],
    ['Mailman, with a tag', 'Re: [Birds] Birds Digest, Vol 123, Issue 45'],
    ['Mailman, with its contents', 'Birds Digest, Vol 3, Issue 12: nests; ringing course (+3)'],
    ['Mailman in German', 'AW: Voegel Nachrichtensammlung, Band 3, Eintrag 4'],
    ['Mailman in French', 'Re: Lot Oiseaux, Vol 3, Parution 4'],
    ['Mailman in Spanish', 'Re: Resumen de Aves, Vol 3, Envío 4'],
    ['LISTSERV', 'Re: BIRDS Digest - 1 Jan 2026 to 2 Jan 2026 (#2026-2)'],
    ['LISTSERV, a special issue', 'Re: BIRDS Digest - 1 Jan 2026 - Special issue (#2026-2)'],
    ['Google Groups', 'Re: Digest for birds@googlegroups.com - 5 updates in 2 topics'],
    ['Yahoo', '[birds] Digest Number 1234'],
    ['Majordomo', 'Re: birds-digest V1 #23'],
    ['the old custom', 'Birds Digest   Volume 90 : Issue 3'],
  ])('%s', (_, subject) => {
    expect(isDigestSubject(subject)).toBe(true);
  });

  test.each([
    ['a post about digests', 'How do I switch the digest off?'],
    ['a journal', 'Ringing Digest, spring'],
    ['a meeting', 'Meeting, Room 3, Floor 4'],
    ['nothing', ''],
  ])('is not that of %s', (_, subject) => {
    expect(isDigestSubject(subject)).toBe(false);
  });
});
