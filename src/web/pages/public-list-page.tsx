import type { ListPage } from '../../operations/lists/show-list-page.ts';
import { say } from '../texts.ts';
import { MailLink } from './mail-link.tsx';

interface PublicListPageProps {
  readonly list: ListPage;
  readonly base: string;
}

export function PublicListPage({ list, base }: PublicListPageProps) {
  const { purpose, closed, join, path } = list;
  const takesMembers = !closed && join !== 'closed';
  return (
    <>
      {purpose !== '' && <p class="text">{purpose}</p>}
      {closed && <p class="note">{say('list.closed')}</p>}
      <div class="actions">
        {takesMembers && (
          <a class="button" href={`${base}/${path}/join`}>
            {say('list.join')}
          </a>
        )}
        <a class="button second" href={`${base}/${path}/leave`}>
          {say('list.leave')}
        </a>
      </div>
      {!closed && <p class="quiet">{say(`list.join-${join}`)}</p>}
      <h2>{say('list.by-mail')}</h2>
      <Addresses list={list} />
      <p>
        <a href={`${base}/${path}/help`}>{say('list.help')}</a>
      </p>
      <p class="quiet">{say(`list.archive-${list.archive}`)}</p>
    </>
  );
}

function Addresses({ list }: { readonly list: ListPage }) {
  return (
    <dl>
      {!list.closed && (
        <>
          <dt>{say(`list.post-${list.post}`)}</dt>
          <dd>
            <MailLink to={list.address} />
          </dd>
        </>
      )}
      <dt>{say('list.owner')}</dt>
      <dd>
        <MailLink to={list.owner} />
      </dd>
    </dl>
  );
}
