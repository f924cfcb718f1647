/** Every step of a signature with its hashes: from the document to what anchors it, so that anyone can compute it again. */
import type { CalendarAccount, ChainAccount, ImprintAccount, LinkAccount, SignatureAccount } from '@jingwei/keyless';
import { type ReactNode, useEffect, useRef } from 'react';
import { Label } from '../../components/page.tsx';
import { Hash } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { algorithmText, useTimeText } from './time.tsx';

/** A hash with the name of its algorithm; a step that this device cannot compute says so. */
export function ImprintText({ of }: { of: ImprintAccount | null }) {
  const { t } = useSpeech();
  if (!of) return <Label tone="warn">{t('trust.steps.unknown')}</Label>;
  return (
    <>
      <span className="step-algorithm">{algorithmText(of.algorithm)}</span> <Hash value={of.hex} whole />
    </>
  );
}

function Sibling({ link }: { link: LinkAccount }) {
  const { t } = useSpeech();
  const { sibling } = link;
  if (sibling.kind === 'imprint') return <ImprintText of={sibling} />;
  return (
    <>
      {t('trust.steps.origin')} <strong>{sibling.origin.clientId}</strong>{' '}
      {sibling.kind === 'metadata' && !sibling.sound ? <Label tone="bad">{t('trust.steps.unsound')}</Label> : null}
      <Hash value={sibling.hex} whole />
    </>
  );
}

function Step({ side, beside, result }: { side: 'left' | 'right'; beside: ReactNode; result: ImprintAccount | null }) {
  const { t } = useSpeech();
  return (
    <li>
      <span className="step-part">
        {side === 'left' ? t('trust.steps.beside-right') : t('trust.steps.beside-left')} {beside}
      </span>
      <span className="step-part">
        {t('trust.steps.gives')} <ImprintText of={result} />
      </span>
    </li>
  );
}

function Chain({ chain, title, tail }: { chain: ChainAccount; title: string; tail: string }) {
  const { t } = useSpeech();
  return (
    <details className="fold">
      <summary>
        {title} · {t('trust.steps.count', { n: chain.links.length })}
        {chain.continues === false ? <Label tone="bad">{t('trust.steps.broken')}</Label> : null}
      </summary>
      <p className="small quiet">{tail}</p>
      <ol className="steps">
        <li>
          {t('trust.steps.begins')} <ImprintText of={chain.input} />
        </li>
        {chain.links.map((link, i) => (
          <Step
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place.
            key={i}
            side={link.side}
            beside={<Sibling link={link} />}
            result={link.result}
          />
        ))}
      </ol>
    </details>
  );
}

function Calendar({ calendar }: { calendar: CalendarAccount }) {
  const { t } = useSpeech();
  const time = useTimeText();
  return (
    <details className="fold">
      <summary>
        {t('trust.steps.calendar')} · {t('trust.steps.count', { n: calendar.links.length })}
        {calendar.continues === false ? <Label tone="bad">{t('trust.steps.broken')}</Label> : null}
      </summary>
      <p className="small quiet">
        {t('trust.steps.calendar-text', {
          from: time(calendar.aggregationTime),
          to: time(calendar.publicationTime),
        })}{' '}
        {calendar.shapeTime ? null : <Label tone="bad">{t('trust.steps.no-shape')}</Label>}
      </p>
      <ol className="steps">
        <li>
          {t('trust.steps.begins')} <ImprintText of={calendar.input} />
        </li>
        {calendar.links.map((link, i) => (
          <Step
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place.
            key={i}
            side={link.side}
            beside={<ImprintText of={link.sibling} />}
            result={link.result}
          />
        ))}
      </ol>
    </details>
  );
}

/** Unfolds what is folded while the page is printed: paper has no summary to click, and a technician needs every hash. */
function useUnfoldedOnPaper() {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let folded: HTMLDetailsElement[] = [];
    const unfold = () => {
      folded = [...(ref.current?.querySelectorAll<HTMLDetailsElement>('details:not([open])') ?? [])];
      for (const one of folded) one.open = true;
    };
    const fold = () => {
      for (const one of folded) one.open = false;
    };
    window.addEventListener('beforeprint', unfold);
    window.addEventListener('afterprint', fold);
    return () => {
      window.removeEventListener('beforeprint', unfold);
      window.removeEventListener('afterprint', fold);
    };
  }, []);
  return ref;
}

/** All chains of a signature, each to be unfolded. */
export function Steps({ account }: { account: SignatureAccount }) {
  const { t } = useSpeech();
  const paper = useUnfoldedOnPaper();
  return (
    <div className="stack-s" ref={paper}>
      {account.chains.map((chain, i) => (
        <Chain
          key={chain.index.join('.')}
          chain={chain}
          title={t('trust.steps.chain', { n: i + 1, of: account.chains.length })}
          tail={t('trust.steps.chain-text', { index: chain.index.join('.') })}
        />
      ))}
      {account.calendar ? <Calendar calendar={account.calendar} /> : null}
    </div>
  );
}
