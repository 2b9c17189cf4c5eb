import type { ListPage } from '../../operations/lists/show-list-page.ts';
import { say } from '../texts.ts';
import { MailLink } from './mail-link.tsx';

/** Without a list, for one that is not public: the addresses as they are made. */
export function HelpPage({ list }: { readonly list: ListPage | undefined }) {
  const address = (suffix: string, subject?: string) => {
    if (!list) return `LIST${suffix}@DOMAIN`;
    const [name, domain] = list.address.split('@');
    return <MailLink to={`${name}${suffix}@${domain}`} {...(subject && { subject })} />;
  };
  return (
    <>
      <p>{say('help.body')}</p>
      {!list && <p class="quiet">{say('help.placeholder')}</p>}
      <dl>
        <dt>{say('help.join')}</dt>
        <dd>{address('-join')}</dd>
        <dt>{say('help.leave')}</dt>
        <dd>{address('-leave')}</dd>
        <dt>{say('help.everybody')}</dt>
        <dd>{address('')}</dd>
        <dt>{say('help.owner')}</dt>
        <dd>{address('-owner')}</dd>
        <dt>{say('help.commands')}</dt>
        <dd>{address('-request', 'help')}</dd>
      </dl>
    </>
  );
}
