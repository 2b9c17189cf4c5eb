import type { DkimDesk } from '../../src/cli/frame.ts';

/** For command lines that make and look up no keys. */
export const noDkim: DkimDesk = {
  findPublished: () => Promise.reject(new Error('no key is looked up')),
  makePrivate: () => Promise.reject(new Error('no key is made')),
};
