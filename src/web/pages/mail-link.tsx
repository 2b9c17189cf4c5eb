interface MailLinkProps {
  readonly to: string;
  readonly subject?: string;
}

/** An address of ours: its characters need no escaping in a mailto link (RFC 6068 §2). */
export function MailLink({ to, subject }: MailLinkProps) {
  return <a href={`mailto:${to}${subject === undefined ? '' : `?subject=${subject}`}`}>{to}</a>;
}
