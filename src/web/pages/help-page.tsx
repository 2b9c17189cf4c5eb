import type { ListPage } from '../../operations/lists/show-list-page.ts';
import { say } from '../texts.ts';
import { SubAddress } from './sub-address.tsx';

/** Without a list, for one that is not public: the addresses as they are made. */
export function HelpPage({ list }: { readonly list: ListPage | undefined }) {
  return (
    <>
      <p>{say('help.body')}</p>
      {!list && <p class="quiet">{say('help.placeholder')}</p>}
      <dl>
        <dt>{say('help.join')}</dt>
        <dd>
          <SubAddress list={list} suffix="-join" />
        </dd>
        <dt>{say('help.leave')}</dt>
        <dd>
          <SubAddress list={list} suffix="-leave" />
        </dd>
        <dt>{say('help.everybody')}</dt>
        <dd>
          <SubAddress list={list} suffix="" />
        </dd>
        <dt>{say('help.owner')}</dt>
        <dd>
          <SubAddress list={list} suffix="-owner" />
        </dd>
        <dt>{say('help.commands')}</dt>
        <dd>
          <SubAddress list={list} suffix="-request" subject="help" />
        </dd>
      </dl>
    </>
  );
}
