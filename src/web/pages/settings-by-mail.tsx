import type { ListPage } from '../../operations/lists/show-list-page.ts';
import { say } from '../texts.ts';
import { SubAddress } from './sub-address.tsx';

/** Below the form to leave, which the standard footer leads to as “Settings and leaving” (email.md §5.5). */
export function SettingsByMail({ list }: { readonly list: ListPage | undefined }) {
  return (
    <>
      <h2>{say('leave.settings')}</h2>
      {!list && <p class="quiet">{say('help.placeholder')}</p>}
      <dl>
        <dt>{say('leave.pause')}</dt>
        <dd>
          <SubAddress list={list} suffix="-nomail" />
        </dd>
        <dt>{say('leave.resume')}</dt>
        <dd>
          <SubAddress list={list} suffix="-mail" />
        </dd>
        <dt>{say('leave.status')}</dt>
        <dd>
          <SubAddress list={list} suffix="-request" subject="status" />
        </dd>
      </dl>
    </>
  );
}
