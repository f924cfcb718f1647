/**
 * The account of a signature as a person without knowledge of hashing reads it, in the order in which a court asks: what, when, who, unchanged, proven by
 * what. Every statement is followed by the figures that a technician needs to hold against it.
 */
import { WarningOutlined } from '@ant-design/icons';
import type { AnchorAccount, ImprintAccount, OriginAccount, SignatureAccount, Verdict } from '@jingwei/keyless';
import type { ReactNode } from 'react';
import { Hash } from '../../components/value.tsx';
import { bytes } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type Compared, type Judgement, reasonOf } from './judge.ts';
import { useOriginNames } from './names.ts';
import { PrintedString } from './printed.tsx';
import { ImprintText, Steps } from './steps.tsx';
import { useTimeText } from './time.tsx';
import { VerdictBanner } from './verdict.tsx';

/** What is known of the signed thing beside its signature; all of it is a statement of who shows it, not of the signature. */
export interface Subject {
  /** The kind of thing in words. */
  kind?: string;
  title?: string;
  size?: number;
  facts?: Record<string, string | number>;
  /** Height of the tree of which the fingerprint is the root; 0 or absent for a document. */
  level?: number;
  /** Fingerprint of the file that was held against the signature. */
  imprint?: ImprintAccount;
  /** Further lines of what it is. */
  more?: ReactNode;
}

/** The whole account. */
export function Account({
  account,
  judgement,
  compared,
  subject,
  children,
}: {
  account: SignatureAccount;
  judgement: Judgement;
  compared: Compared;
  subject?: Subject;
  /** What stands between the account and its technical part: on paper the end of the first page. */
  children?: ReactNode;
}) {
  const { t } = useSpeech();
  const time = useTimeText();
  const nameOf = useOriginNames();
  const proven = judgement.outcome === 'proven';
  // The file is another one than was signed: what it is called says nothing about the signature.
  const mismatch = judgement.code === 'GEN-01' || judgement.code === 'GEN-04';
  return (
    <div className={proven ? 'account' : 'account claims'}>
      <VerdictBanner judgement={judgement} account={account} compared={compared} root={!!subject?.level} />
      {proven ? null : (
        <p className="account-claims">
          <WarningOutlined aria-hidden="true" /> {t('trust.account.claims')}
        </p>
      )}
      <Section title={t('trust.account.what')}>
        {subject?.title && !mismatch ? <p className="account-main">{subject.title}</p> : null}
        {mismatch ? (
          <dl className="account-facts">
            {subject?.title ? <Line label={t('trust.account.your-file')}>{subject.title}</Line> : null}
            {subject?.imprint ? (
              <Line label={t('trust.account.your-fingerprint')} whole>
                <span className="bad-text">
                  <ImprintText of={subject.imprint} />
                </span>
              </Line>
            ) : null}
          </dl>
        ) : null}
        <dl className="account-facts">
          {subject?.kind ? <Line label={t('trust.account.kind')}>{subject.kind}</Line> : null}
          {subject?.size === undefined || mismatch ? null : (
            <Line label={t('trust.account.size')}>{bytes(subject.size)}</Line>
          )}
          {Object.entries(subject?.facts ?? {}).map(([name, value]) => (
            <Line key={name} label={t(`trust.fact.${name}`, { defaultValue: name })}>
              {typeof value === 'number' ? value.toLocaleString('en-US') : value}
            </Line>
          ))}
          <Line label={mismatch ? t('trust.account.signed-fingerprint') : t('trust.account.fingerprint')} whole>
            <ImprintText of={account.document} />
          </Line>
        </dl>
        {subject?.more}
        <p className="small quiet">
          {subject?.level ? t('trust.account.root-text') : t('trust.account.fingerprint-text')}
        </p>
      </Section>
      <Section title={t('trust.account.when')}>
        <p className="account-main">{time(account.signingTime)}</p>
        <p className="small quiet">
          {t('trust.account.when-text')} (Unix {account.signingTime.unix}
          {account.signingTime.utc ? ` = ${account.signingTime.utc}` : ''})
        </p>
      </Section>
      <Section title={t('trust.account.who')}>
        <Origins origins={account.origin} nameOf={nameOf} />
      </Section>
      <Section title={t('trust.account.unchanged')}>
        <p>{unchangedText(t, judgement, compared)}</p>
        <ul className="account-asked small">
          {judgement.asked.map(({ policy, verdict }) => (
            <li key={policy}>
              {mismatch ? t('trust.policy.document') : t(`trust.policy.${policy}`)}:{' '}
              <strong
                className={verdict.outcome === 'ok' ? 'good-text' : verdict.outcome === 'failed' ? 'bad-text' : ''}
              >
                {outcomeText(t, verdict)}
              </strong>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t('trust.account.by-what')}>
        <ProvenBy anchor={account.anchor} judgement={judgement} />
      </Section>
      {children}
      <Section title={t('trust.account.steps')} technical>
        <p className="small quiet">{t('trust.account.steps-text', { n: stepsOf(account), bytes: account.bytes })}</p>
        <Steps account={account} />
      </Section>
    </div>
  );
}

/** Yes, no with its code, or what is missing. */
function outcomeText(t: (key: string) => string, verdict: Verdict): string {
  if (verdict.outcome === 'ok') return t('trust.outcome.ok');
  if (verdict.outcome === 'failed') return `${t('trust.outcome.failed')} ${verdict.code}`;
  const reason = reasonOf(verdict.reason);
  return reason === 'not-published' ? t('trust.outcome.not-yet') : `${t('trust.outcome.inconclusive')} ${verdict.code}`;
}

function unchangedText(t: (key: string) => string, { outcome }: Judgement, compared: Compared): string {
  if (outcome === 'refuted') return t('trust.account.unchanged-refuted');
  if (outcome === 'open') return t('trust.account.unchanged-open');
  return t(`trust.account.unchanged-${compared}`);
}

const stepsOf = (account: SignatureAccount): number =>
  account.chains.reduce((n, chain) => n + chain.links.length, account.calendar?.links.length ?? 0);

function Section({ title, technical = false, children }: { title: string; technical?: boolean; children: ReactNode }) {
  return (
    <section className={technical ? 'account-part technical' : 'account-part'}>
      <h3>{title}</h3>
      <div className="stack-s">{children}</div>
    </section>
  );
}

/** `whole`: takes the whole width on paper, where short lines stand two by two. */
function Line({ label, whole = false, children }: { label: string; whole?: boolean; children: ReactNode }) {
  return (
    <div className={whole ? 'whole' : undefined}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Who asked, from the department up to the city: the signature's own order is from the outside in. */
function Origins({ origins, nameOf }: { origins: readonly OriginAccount[]; nameOf: (id: string) => string }) {
  const { t } = useSpeech();
  if (origins.length === 0) return <p>{t('trust.account.nobody')}</p>;
  return (
    <>
      <ol className="account-origin">
        {[...origins].reverse().map((origin, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same name may stand at several places of the chain.
          <li key={i}>
            <strong>{nameOf(origin.clientId)}</strong>
            {nameOf(origin.clientId) === origin.clientId ? null : (
              <span className="small quiet mono"> {origin.clientId}</span>
            )}
            {origin.machineId ? (
              <span className="small quiet">
                {' '}
                {t('trust.account.machine')} {origin.machineId}
              </span>
            ) : null}
            {origin.requestTime ? (
              <span className="small quiet">
                {' '}
                {t('trust.account.requested')} <span className="mono">{origin.requestTime}</span>
              </span>
            ) : null}
          </li>
        ))}
      </ol>
      <p className="small quiet">{t('trust.account.who-text')}</p>
    </>
  );
}

function ProvenBy({ anchor, judgement }: { anchor: AnchorAccount; judgement: Judgement }) {
  const { t } = useSpeech();
  const time = useTimeText();
  return (
    <>
      <p>
        {judgement.outcome === 'proven'
          ? t(`trust.basis-text.${judgement.basis}`)
          : t(`trust.account.by-${judgement.outcome}`)}
      </p>
      {anchor.kind === 'publication' ? (
        <>
          <p>{t('trust.anchor.publication', { when: time(anchor.time) })}</p>
          <PrintedString text={anchor.printed} />
          {anchor.references.length ? (
            <p className="small">
              {t('trust.anchor.printed-in')} {anchor.references.join(' / ')}
            </p>
          ) : null}
          <p className="small quiet">{t('trust.anchor.publication-text')}</p>
        </>
      ) : anchor.kind === 'authentication' ? (
        <>
          <p>{t('trust.anchor.authentication', { when: time(anchor.time) })}</p>
          <dl className="account-facts small">
            <Line label={t('trust.anchor.way')}>{anchor.signatureName ?? anchor.signatureType}</Line>
            <Line label={t('trust.anchor.certificate')}>
              <span className="mono">{anchor.certificateId}</span>
            </Line>
            <Line label={t('trust.anchor.root')} whole>
              <Hash value={anchor.hash.hex} whole />
            </Line>
          </dl>
        </>
      ) : (
        <p>{t('trust.anchor.none')}</p>
      )}
    </>
  );
}
