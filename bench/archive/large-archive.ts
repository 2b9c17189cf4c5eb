import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../figure.ts';
import { memberAddress } from '../load/members.ts';
import { type Installation, installListwright, listDomain } from '../servers/listwright.ts';
import { writeMbox } from './mbox.ts';

const made = new WeakMap<Bench, Promise<Installation>>();

/** An installation with a long history, imported once for all figures that need it; its list is `old@`. */
export function largeArchive(bench: Bench): Promise<Installation> {
  const installation = made.get(bench) ?? make(bench);
  made.set(bench, installation);
  return installation;
}

async function make(bench: Bench): Promise<Installation> {
  const posts = bench.options.archivePosts;
  bench.note(`importing an archive of ${posts.toLocaleString('en')} posts`);
  const mbox = join(bench.folder.make('mbox'), 'archive.mbox');
  writeMbox(mbox, posts);
  const installation = installListwright(bench);
  const list = `old@${listDomain}`;
  await installation.command('list', 'create', list, '--owner', memberAddress(0));
  await installation.command('archive', 'import', list, mbox);
  rmSync(mbox);
  return installation;
}
