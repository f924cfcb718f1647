/** Holding a file in one's hands against a signature that is shown: its fingerprint is computed here and compared. */
import { hashAlgorithms, type ImprintAccount } from '@jingwei/keyless';
import { useEffect, useRef, useState } from 'react';
import { Failure } from '../../components/states.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { LocalDrop } from './drop.tsx';
import { fingerprintOf, hexOf } from './hashing.ts';
import { ImprintText } from './steps.tsx';
import { Banner, Judging } from './verdict.tsx';

interface Compared {
  name: string;
  share: number;
  imprint?: string;
  error?: unknown;
}

/** `document`: what the signature was made of. */
export function CompareFile({ document }: { document: ImprintAccount }) {
  const { t } = useSpeech();
  const [state, setState] = useState<Compared | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const compare = async (file: File) => {
    stop.current?.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    const name = file.name;
    setState({ name, share: 0 });
    try {
      const onBytes = (bytes: number) => setState({ name, share: bytes / Math.max(1, file.size) });
      const imprint = await fingerprintOf(file, document.algorithm, onBytes, signal);
      setState({ name, share: 1, imprint: hexOf(imprint) });
    } catch (error) {
      if (!signal.aborted) setState({ name, share: 0, error });
    }
  };
  return (
    <div className="stack-s no-print">
      <LocalDrop
        title={t('trust.compare.drop')}
        note={t('trust.compare.note')}
        multiple={false}
        onFiles={(files) => void compare(files[0]!)}
      />
      {state?.error ? <Failure error={state.error} /> : null}
      {state && !state.imprint && !state.error ? (
        <Judging word={t('trust.hashing', { percent: percent(state.share, 0) })} />
      ) : null}
      {state?.imprint ? (
        state.imprint === document.imprint ? (
          <Banner tone="good" word={t('trust.compare.same')}>
            <p>{t('trust.compare.same-text', { name: state.name })}</p>
          </Banner>
        ) : (
          <Banner tone="bad" word={t('trust.compare.other')}>
            <p>{t('trust.compare.other-text', { name: state.name })}</p>
            <p className="small">
              {t('trust.compare.its')} <ImprintText of={inWords(state.imprint)} />
            </p>
          </Banner>
        )
      ) : null}
    </div>
  );
}

/** An imprint in hexadecimal with the name of its algorithm. */
export function inWords(imprint: string): ImprintAccount {
  const id = Number.parseInt(imprint.slice(0, 2), 16);
  const name = hashAlgorithms.find((a) => a.id === id)?.name;
  return { algorithm: name ?? String(id), hex: imprint.slice(2), imprint };
}
