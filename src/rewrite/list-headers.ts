import { type List, listAddress, subAddress } from '../domain/list.ts';
import { listUrl, type Site } from '../domain/site.ts';
import { encodePhrase } from '../mail/encode-header.ts';

/** A field to be added: name, and value without line ends. */
export type Field = readonly [name: string, value: string];

/** The fields that every copy of a post shares (email.md §5.1; RFC 2369, RFC 2919, RFC 5064). */
export function listHeaders(list: List, site: Site, post: { readonly hash: string }): Field[] {
  const url = listUrl(site, list);
  const address = listAddress(list);
  const fields: Field[] = [
    ['List-Id', `${encodePhrase(list.title)} <${list.listId}>`],
    ['List-Post', list.settings.post === 'owners' ? 'NO' : `<mailto:${address}>`],
    ['List-Help', `<mailto:${subAddress(list, 'request')}?subject=help>, <${url}/help>`],
    ['List-Subscribe', `<${url}/join>, <mailto:${subAddress(list, 'join')}>`],
    ['List-Owner', `<mailto:${subAddress(list, 'owner')}>`],
  ];
  if (list.settings.archive !== 'off') {
    fields.push(['List-Archive', `<${url}/>`], ['Archived-At', `<${url}/m/${post.hash}>`]);
  }
  fields.push(['Precedence', 'list'], ['X-BeenThere', address]);
  return fields;
}

/**
 * How to leave, the same for everybody: for copies that several recipients share. Without List-Unsubscribe-Post, because a page
 * for everybody cannot take one click of one member.
 */
export function sharedLeaveHeaders(list: List, site: Site): Field[] {
  return [
    [
      'List-Unsubscribe',
      `<${listUrl(site, list)}/leave>, <mailto:${subAddress(list, 'leave')}?subject=unsubscribe>`,
    ],
  ];
}
