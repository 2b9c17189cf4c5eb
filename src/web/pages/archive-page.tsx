import type { ListPage } from '../../operations/lists/show-list-page.ts';
import { say } from '../texts.ts';
import { MailLink } from './mail-link.tsx';

/** What is read by mail, and the command for it (email.md §2.3). Without a list, for one that is not public: its address as it is made. */
export function ArchivePage({ list }: { readonly list: ListPage | undefined }) {
  return (
    <>
      <p>{say('archive.body')}</p>
      <p>
        {say('archive.how')} {list ? <MailLink to={list.request} subject="index" /> : 'LIST-request@DOMAIN'}
      </p>
      {!list && <p class="quiet">{say('help.placeholder')}</p>}
      <dl>
        <dt>{say('archive.index')}</dt>
        <dd>
          <code>index</code>
        </dd>
        <dt>{say('archive.get')}</dt>
        <dd>
          <code>get 17</code>
        </dd>
        <dt>{say('archive.search')}</dt>
        <dd>
          <code>search nest boxes</code>
        </dd>
      </dl>
    </>
  );
}
