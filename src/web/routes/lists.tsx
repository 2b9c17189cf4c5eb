import type { Hono } from 'hono';
import { showDirectory } from '../../operations/lists/show-directory.ts';
import { type ListPage, showListPage } from '../../operations/lists/show-list-page.ts';
import { visitor } from '../asker.ts';
import { showNotFound } from '../failures.ts';
import { ArchivePage } from '../pages/archive-page.tsx';
import { DirectoryPage } from '../pages/directory-page.tsx';
import { HelpPage } from '../pages/help-page.tsx';
import { HiddenListPage } from '../pages/hidden-list-page.tsx';
import { PublicListPage } from '../pages/public-list-page.tsx';
import { route } from '../route.ts';
import { show } from '../show.tsx';
import type { Asked, Env } from '../site-frame.ts';
import { say } from '../texts.ts';

/** What anybody may read: the directory, and the pages of lists, which show the same for a list that is not public and for none. */
export function listRoutes(app: Hono<Env>): void {
  route(app, '/', { get: showHome });
  route(app, '/:list', { get: sendToList });
  route(app, '/:list/', { get: showList });
  route(app, '/:list/help', { get: showHelp });
  route(app, '/:list/m/', { get: showArchive });
  route(app, '/:list/m/:hash', { get: showArchive });
  route(app, '/:list/t/:hash', { get: showArchive });
}

/** The list of the path, if it is public. */
export function publicListOf(c: Asked): Promise<ListPage | undefined> {
  const list = c.req.param('list') ?? '';
  return list.length > longestPath
    ? Promise.resolve(undefined)
    : c.var.frame.door.perform(showListPage, visitor(c), { list });
}

async function showHome(c: Asked): Promise<Response> {
  const after = c.req.query('after');
  const input = after === undefined ? {} : { after };
  const directory = await c.var.frame.door.perform(showDirectory, visitor(c), input);
  return show(
    c,
    { title: say('directory.title'), indexed: true },
    <DirectoryPage directory={directory} base={c.var.frame.base} />,
  );
}

/** A path without its slash at the end is told apart from no path at all only where the list is public. */
async function sendToList(c: Asked): Promise<Response> {
  const list = await publicListOf(c);
  return list ? c.redirect(`${c.var.frame.base}/${list.path}/`, 301) : showNotFound(c);
}

async function showList(c: Asked): Promise<Response> {
  const list = await publicListOf(c);
  return list
    ? show(c, { title: list.title, indexed: true }, <PublicListPage list={list} base={c.var.frame.base} />)
    : show(c, { title: say('hidden.title') }, <HiddenListPage />);
}

async function showHelp(c: Asked): Promise<Response> {
  const list = await publicListOf(c);
  return show(c, { title: say('help.title') }, <HelpPage list={list} />);
}

/**
 * Until the archive has pages, all of its paths say how to read it, whatever they name: so they tell nothing. No 404: every mail leads
 * here, and to the list's page (Archived-At, List-Archive), and who follows that has made no mistake.
 */
async function showArchive(c: Asked): Promise<Response> {
  const list = await publicListOf(c);
  return show(c, { title: say('archive.title') }, <ArchivePage list={list} />);
}

/** Longer than any address, in characters. */
const longestPath = 300;
