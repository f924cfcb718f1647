/** What came out of a verification: never by colour alone, but by sign, word and colour together, with a plain sentence and the technical one. */
import {
  CheckCircleFilled,
  CloseCircleFilled,
  ExclamationCircleFilled,
  InfoCircleFilled,
  LoadingOutlined,
} from '@ant-design/icons';
import { KeylessError, type SignatureAccount } from '@jingwei/keyless';
import type { ReactNode } from 'react';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type Compared, familyOf, type Judgement, reasonOf, technical } from './judge.ts';
import { useTimeText } from './time.tsx';

type Tone = 'good' | 'bad' | 'warn' | 'info';

const icons: Record<Tone, ReactNode> = {
  good: <CheckCircleFilled aria-hidden="true" />,
  bad: <CloseCircleFilled aria-hidden="true" />,
  warn: <ExclamationCircleFilled aria-hidden="true" />,
  info: <InfoCircleFilled aria-hidden="true" />,
};

/** The frame of every verdict: `word` says the result in as few words as possible. */
export function Banner({ tone, word, children }: { tone: Tone; word: string; children?: ReactNode }) {
  return (
    <div className={`verdict ${tone}`} role="status">
      <span className="verdict-icon">{icons[tone]}</span>
      <div>
        <p className="verdict-word">{word}</p>
        {children}
      </div>
    </div>
  );
}

/**
 * The verdict on a signature. A sound signature against which nothing was held says nothing about any file, and must not look as if it did.
 */
export function VerdictBanner({
  judgement,
  account,
  compared,
  root,
}: {
  judgement: Judgement;
  account: SignatureAccount;
  compared: Compared;
  /** Whether the signature is of many records together, not of a file. */
  root: boolean;
}) {
  const { t, say } = useSpeech();
  const time = useTimeText();
  const { outcome, basis, code } = judgement;
  if (outcome === 'proven') {
    const when = time(account.signingTime);
    return (
      <Banner
        tone={compared === 'none' ? 'info' : 'good'}
        word={t(`trust.verdict.proven-${compared}${compared === 'none' && root ? '-root' : ''}`)}
      >
        <p>{t(`trust.verdict.text-${compared}${compared === 'none' && root ? '-root' : ''}`, { when })}</p>
        <p className="small">{t(`trust.basis.${basis}`)}</p>
      </Banner>
    );
  }
  const family = familyOf(code!);
  return (
    <Banner
      tone={outcome === 'refuted' ? 'bad' : 'warn'}
      word={outcome === 'refuted' ? t('trust.verdict.refuted') : t('trust.verdict.open')}
    >
      <p>{code === 'GEN-02' ? t(`trust.reason.${reasonOf(judgement.reason)}`) : t(`trust.code.${family}`)}</p>
      <p className="small">
        {t('trust.verdict.code')} <code>{code}</code> · {say(technical(code!))}
        {judgement.reason ? <span lang="en"> ({judgement.reason})</span> : null}
      </p>
    </Banner>
  );
}

/** While it is being computed. */
export function Judging({ word }: { word: string }) {
  return (
    <div className="verdict info" role="status">
      <span className="verdict-icon">
        <LoadingOutlined aria-hidden="true" />
      </span>
      <p className="verdict-word">{word}</p>
    </div>
  );
}

/** Bytes that are no signature, or a file that cannot be read: also a result, and never a green one. */
export function Unreadable({ error }: { error: unknown }) {
  const { t, say } = useSpeech();
  if (!(error instanceof KeylessError)) return <Failure error={error} />;
  return (
    <Banner tone="bad" word={t('trust.verdict.unreadable')}>
      <p>{t('trust.verdict.unreadable-text')}</p>
      <p className="small">
        {t('common.code')} <code>{error.code}</code> · {say({ zh: error.zh, en: error.message })}
      </p>
    </Banner>
  );
}
