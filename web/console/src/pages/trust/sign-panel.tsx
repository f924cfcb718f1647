/** Signing files: fingerprints are computed on this device, only they are sent; each file gets a signature within seconds. */
import { DownloadOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Radio } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash } from '../../components/value.tsx';
import { bytes, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { LocalDrop } from './drop.tsx';
import { type Fingerprint, fingerprintOf, fingerprints, fromBase64, hexOf, saveBytes } from './hashing.ts';
import { SIGNATURE_ENDING } from './pairing.ts';
import { algorithmText } from './time.tsx';

/** A file on its way to its signature. */
interface Item {
  key: number;
  file: File;
  algorithm: Fingerprint;
  read: number;
  imprint?: string;
  /** Number of its seal. */
  seal?: number;
  signature?: Uint8Array;
  error?: unknown;
}

let keys = 0;
const POLL = 700;

export function SignPanel() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [algorithm, setAlgorithm] = useState<Fingerprint>('sha256');
  const [items, setItems] = useState<Item[]>([]);
  const [busy, setBusy] = useState(false);
  const stop = useRef(new AbortController());
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);
  const change = useCallback((key: number, patch: Partial<Item>) => {
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...patch } : item)));
  }, []);
  /** Does a step of one file; what fails stands beside that file and does not stop the others. */
  const step = async (item: Item, run: (signal: AbortSignal) => Promise<void>) => {
    const { signal } = stop.current;
    try {
      await run(signal);
    } catch (error) {
      if (!signal.aborted) change(item.key, { error });
    }
  };
  const add = async (files: File[]) => {
    const fresh = files.map((file): Item => ({ key: ++keys, file, algorithm, read: 0 }));
    setItems((all) => [...all, ...fresh]);
    for (const item of fresh) {
      await step(item, async (signal) => {
        const imprint = await fingerprintOf(item.file, algorithm, (read) => change(item.key, { read }), signal);
        change(item.key, { imprint: hexOf(imprint), read: item.file.size });
      });
    }
  };
  const ready = items.filter((item) => item.imprint && item.seal === undefined && !item.error);
  const sign = async () => {
    setBusy(true);
    const asked: Item[] = [];
    for (const item of ready) {
      await step(item, async (signal) => {
        const body = { name: item.file.name, imprint: item.imprint!, size: item.file.size };
        const { id } = await api.post('/api/v1/seals', { body, signal });
        change(item.key, { seal: id });
        asked.push({ ...item, seal: id });
      });
    }
    await Promise.all(
      asked.map((item) =>
        step(item, async (signal) => change(item.key, { signature: await sealed(item.seal!, signal) })),
      ),
    );
    setBusy(false);
    await client.invalidateQueries({ queryKey: ['seals'] });
  };
  return (
    <div className="stack">
      <div className="row">
        <span className="small">{t('trust.sign.algorithm')}</span>
        <Radio.Group
          value={algorithm}
          aria-label={t('trust.sign.algorithm')}
          onChange={(event) => setAlgorithm(event.target.value as Fingerprint)}
          options={fingerprints.map((value) => ({ value, label: t(`trust.sign.${value}`) }))}
        />
      </div>
      <LocalDrop title={t('trust.sign.drop')} note={t('trust.sign.drop-note')} onFiles={(files) => void add(files)} />
      {items.length ? (
        <>
          <DataTable
            caption={t('trust.sign.files')}
            rows={items}
            rowKey={(item) => item.key}
            columns={[
              {
                key: 'name',
                title: t('trust.sign.file'),
                head: true,
                render: (item) => (
                  <>
                    <span className="clip">{item.file.name}</span>
                    <div className="small quiet">{bytes(item.file.size)}</div>
                  </>
                ),
              },
              {
                key: 'fingerprint',
                title: t('trust.account.fingerprint'),
                render: (item) =>
                  item.imprint ? (
                    <>
                      <span className="small quiet">{algorithmText(item.algorithm)}</span>{' '}
                      <Hash value={item.imprint.slice(2)} />
                    </>
                  ) : item.error ? (
                    '—'
                  ) : (
                    <Reading item={item} />
                  ),
              },
              { key: 'state', title: t('trust.seals.state'), render: (item) => <State item={item} /> },
              {
                key: 'actions',
                title: <span className="visually-hidden">{t('trust.sign.actions')}</span>,
                tight: true,
                render: (item) =>
                  item.signature && item.seal ? (
                    <div className="row nowrap-row">
                      <Button
                        size="small"
                        type="primary"
                        icon={<DownloadOutlined />}
                        onClick={() => saveBytes(item.signature!, `${item.file.name}${SIGNATURE_ENDING}`)}
                      >
                        {t('trust.sign.download')}
                      </Button>
                      <Link to="/trust/seals/$seal" params={{ seal: String(item.seal) } as never}>
                        {t('trust.sign.certificate')}
                      </Link>
                    </div>
                  ) : null,
              },
            ]}
          />
          <div className="row">
            {ready.length || busy ? (
              <Button type="primary" loading={busy} onClick={() => void sign()}>
                {t('trust.sign.go', { n: ready.length })}
              </Button>
            ) : null}
            <Button
              disabled={busy}
              onClick={() => {
                stop.current.abort();
                stop.current = new AbortController();
                setItems([]);
              }}
            >
              {t('trust.verify.clear')}
            </Button>
          </div>
        </>
      ) : null}
      <p className="small quiet">{t('trust.sign.privacy')}</p>
    </div>
  );
}

/** Waits until a seal has its signature, and answers it. */
async function sealed(id: number, signal: AbortSignal): Promise<Uint8Array> {
  for (;;) {
    const seal = await api.get('/api/v1/seals/{seal}', { params: { seal: id }, signal });
    if (seal.signature) return fromBase64(seal.signature);
    await new Promise((resolve) => setTimeout(resolve, POLL));
    signal.throwIfAborted();
  }
}

function Reading({ item }: { item: Item }) {
  const { t } = useSpeech();
  const share = item.file.size ? item.read / item.file.size : 0;
  return (
    <>
      <span className="small">{t('trust.hashing', { percent: percent(share, 0) })}</span>
      <progress className="progress" aria-label={item.file.name} value={item.read} max={Math.max(1, item.file.size)} />
    </>
  );
}

function State({ item }: { item: Item }) {
  const { t } = useSpeech();
  if (item.error) return <Failure error={item.error} />;
  if (item.signature) return <Label tone="good">{t('trust.state.sealed')}</Label>;
  if (item.seal !== undefined) return <Label tone="warn">{t('trust.state.pending')}</Label>;
  return <span className="quiet">{item.imprint ? t('trust.sign.ready') : t('trust.sign.reading')}</span>;
}
