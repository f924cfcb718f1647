/** Was this file ever sealed here? Its fingerprints are computed on this device and looked for. */
import { SearchOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { inWords } from './compare.tsx';
import { LocalDrop } from './drop.tsx';
import { fingerprintOf, fingerprints, hexOf } from './hashing.ts';
import { ImprintText } from './steps.tsx';
import { Banner, Judging } from './verdict.tsx';

type Found = Answer<'/api/v1/seals'>;

/** `imprint`: what the list below is narrowed to; `found`: that list. */
export function SealSearch({ imprint, found }: { imprint: string; found: Found | undefined }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const [state, setState] = useState<{ name: string; share: number; error?: unknown } | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const search = async (file: File) => {
    stop.current?.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    try {
      let first = '';
      // A file may have been sealed under either algorithm; the first that is found is shown, else the first of all.
      for (const [i, algorithm] of fingerprints.entries()) {
        const onBytes = (bytes: number) =>
          setState({ name: file.name, share: (i + bytes / Math.max(1, file.size)) / fingerprints.length });
        const hex = hexOf(await fingerprintOf(file, algorithm, onBytes, signal));
        first ||= hex;
        const { items } = await api.get('/api/v1/seals', { query: { imprint: hex, limit: 1 }, signal });
        if (items.length === 0 && i < fingerprints.length - 1) continue;
        setState({ name: file.name, share: 1 });
        url.set({
          imprint: items.length ? hex : first,
          before: undefined,
          kind: undefined,
          state: undefined,
          subject: undefined,
        });
        return;
      }
    } catch (error) {
      if (!signal.aborted) setState({ name: file.name, share: 0, error });
    }
  };
  return (
    <div className="stack-s">
      <LocalDrop
        title={t('trust.seals.search')}
        note={t('trust.seals.search-note')}
        multiple={false}
        onFiles={(files) => void search(files[0]!)}
      />
      {state?.error ? <Failure error={state.error} /> : null}
      {state && state.share < 1 && !state.error ? (
        <Judging word={t('trust.hashing', { percent: percent(state.share, 0) })} />
      ) : null}
      {imprint && found ? (
        <Banner
          tone={found.items.length ? 'good' : 'warn'}
          word={found.items.length ? t('trust.seals.found') : t('trust.seals.not-found')}
        >
          <p>{found.items.length ? t('trust.seals.found-text') : t('trust.seals.not-found-text')}</p>
          <p className="small">
            <SearchOutlined aria-hidden="true" /> {state?.name} <ImprintText of={inWords(imprint)} />
          </p>
          <Button size="small" onClick={() => url.set({ imprint: undefined })}>
            {t('common.reset')}
          </Button>
        </Banner>
      ) : null}
    </div>
  );
}
