import { type List, listAddress, subAddress } from '../domain/list.ts';
import { listUrl, type Site } from '../domain/site.ts';
import { encodePhrase } from '../mail/encode-header.ts';
import { firstValue, type MailHead } from '../mail/headers.ts';
import type { NewField } from './draft.ts';

/** The fields that every copy of a post shares (email.md §5.1; RFC 2369, RFC 2919, RFC 5064). `head`: as received. */
export function listHeaders(
  list: List,
  site: Site,
  post: { readonly hash: string; readonly head: MailHead },
): NewField[] {
  const url = listUrl(site, list);
  const address = listAddress(list);
  const parent = list.settings.umbrella ? ofParent(post.head) : undefined;
  return [
    ['List-Id', `${encodePhrase(list.title)} <${list.listId}>`, 'it names the list'],
    [
      'List-Post',
      parent?.post ?? (list.settings.post === 'owners' ? 'NO' : `<mailto:${address}>`),
      'how to post',
    ],
    ['List-Help', `<mailto:${subAddress(list, 'request')}?subject=help>, <${url}/help>`, 'how to get help'],
    ['List-Subscribe', `<${url}/join>, <mailto:${subAddress(list, 'join')}>`, 'how to join'],
    ['List-Owner', `<mailto:${subAddress(list, 'owner')}>`, 'who answers for the list'],
    ...archiveHeaders(list, url, { hash: post.hash, parentArchive: parent?.archive }),
    ['Precedence', 'list', 'programs that answer mail leave it alone'],
    ['X-BeenThere', address, 'the list knows the post again, should it come back'],
  ];
}

/**
 * How to leave, the same for everybody: for copies that several recipients share. Without List-Unsubscribe-Post, because a page
 * for everybody cannot take one click of one member.
 */
export function sharedLeaveHeaders(list: List, site: Site): NewField[] {
  const leave = `<${listUrl(site, list)}/leave>, <mailto:${subAddress(list, 'leave')}?subject=unsubscribe>`;
  return [['List-Unsubscribe', leave, 'how to leave']];
}

function archiveHeaders(
  list: List,
  url: string,
  { hash, parentArchive }: { readonly hash: string; readonly parentArchive: string | undefined },
): NewField[] {
  if (list.settings.archive === 'off')
    return parentArchive ? [['List-Archive', parentArchive, 'the archive of the list it comes from']] : [];
  return [
    ['List-Archive', `<${url}/>`, 'the archive'],
    ['Archived-At', `<${url}/m/${hash}>`, 'the post in the archive'],
  ];
}

/**
 * RFC 2369 §4: a list below another leaves that one's List-Post, so that answers reach everybody, and its List-Archive where it has no
 * archive itself. Only links: nobody else's words.
 */
function ofParent(head: MailHead): {
  readonly post: string | undefined;
  readonly archive: string | undefined;
} {
  const link = (name: string, pattern: RegExp) => pattern.exec(firstValue(head, name))?.[0];
  return {
    post: link('list-post', /^<mailto:[\x21-\x3b\x3d\x3f-\x7e]{1,400}>|^NO(?=\s|$)/),
    archive: link('list-archive', /^<(?:https?|mailto):[\x21-\x3b\x3d\x3f-\x7e]{1,400}>/),
  };
}
