/** One archive: what it is, its files, its checks, its life, its seals; and what may be done with it now. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useState } from 'react';
import { api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { Instant, Value } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { BorrowModal } from './borrow.tsx';
import { Checks } from './checks.tsx';
import { Deposit } from './draft.tsx';
import { Files } from './files.tsx';
import { Life } from './life.tsx';
import { type Archive, ArchiveState, ReasonModal, type Rules } from './marks.tsx';
import { Seals } from './seals.tsx';
import { TakeIn } from './take-in.tsx';

export default function ArchivePage() {
  const { t } = useSpeech();
  const { archive: id } = useParams({ strict: false }) as { archive: string };
  const archive = useQuery({
    queryKey: ['archives', 'one', id],
    queryFn: ({ signal }) => api.get('/api/v1/archives/{id}', { params: { id }, signal }),
    refetchInterval: ({ state }) =>
      state.data && (state.data.state === 'submitted' || state.data.state === 'archived') ? 1_500 : false,
  });
  const rules = useQuery({
    queryKey: ['archives', 'rules'],
    queryFn: ({ signal }) => api.get('/api/v1/archives/rules', { signal }),
    staleTime: 600_000,
  });
  useTabTitle(archive.data?.title ?? undefined);
  return (
    <Loaded query={archive} heading={t('titles.archive')}>
      {(data) => <Shown archive={data} rules={rules.data} />}
    </Loaded>
  );
}

function Shown({ archive, rules }: { archive: Archive; rules: Rules | undefined }) {
  const { t } = useSpeech();
  // What passed its checks waits for the archivist as it is.
  const open = archive.may.change && archive.state !== 'passed';
  return (
    <Page
      title={archive.title ?? t('archives.untitled')}
      back={{ to: '/archives', label: t('titles.archives') }}
      lead={
        <span className="row" style={{ gap: 10 }}>
          <span className="mono">{archive.reference ?? t('archives.no-reference')}</span>
          <ArchiveState item={archive} />
          {archive.personal ? <Label tone="warn">{t('archives.personal')}</Label> : null}
          {archive.seals.length > 0 && archive.whole ? <SealMark kind="archive" subject={String(archive.id)} /> : null}
        </span>
      }
      actions={<Actions archive={archive} />}
    >
      <div className="stack">
        {archive.condition === 'damaged' ? (
          <div className="note bad" role="alert">
            <p className="strong">{t('archives.damaged-title')}</p>
            <p className="small">{t('archives.damaged-text')}</p>
          </div>
        ) : null}
        {archive.state === 'destroyed' ? <p className="note">{t('archives.destroyed-text')}</p> : null}
        {archive.whole ? null : <p className="note">{t('archives.title-only-text')}</p>}
        {archive.may.takeIn ? <TakeIn archive={archive} /> : null}
        {/* What failed is read before it is mended. */}
        {archive.state === 'failed' ? <Checks archive={archive} /> : null}
        {open && rules ? (
          <Deposit archive={archive} rules={rules} />
        ) : (
          <>
            <Metadata archive={archive} rules={rules} />
            <Files archive={archive} />
          </>
        )}
        {archive.state !== 'failed' && archive.examinations.length > 0 ? <Checks archive={archive} /> : null}
        {archive.whole ? <Life archive={archive} /> : null}
        {archive.seals.length > 0 ? <Seals archive={archive} /> : null}
      </div>
    </Page>
  );
}

function Actions({ archive }: { archive: Archive }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [open, setOpen] = useState<'borrow' | 'return' | null>(null);
  const changed = () => client.invalidateQueries({ queryKey: ['archives'] });
  const out = useMutation({
    mutationFn: () => download(urlOf('/api/v1/archives/{id}/package', { id: archive.id })),
    onSuccess: (name) => {
      void message.success(t('archives.taken-out', { name }));
      void changed();
    },
  });
  const verify = useMutation({
    mutationFn: async () => {
      await api.post('/api/v1/archive-preservation/verify', { body: { archive: archive.id } });
    },
    onSuccess: () => {
      void message.info(t('archives.verify-ordered'));
      // The work is a moment away; its outcome is what is shown then.
      setTimeout(() => void changed(), 2_500);
    },
  });
  const { may } = archive;
  return (
    <>
      {may.borrow ? <Button onClick={() => setOpen('borrow')}>{t('archives.borrow')}</Button> : null}
      {may.verify ? (
        <Button loading={verify.isPending} onClick={() => verify.mutate()}>
          {t('archives.verify-now')}
        </Button>
      ) : null}
      {may.takeIn ? <Button onClick={() => setOpen('return')}>{t('archives.send-back')}</Button> : null}
      {may.download && archive.seals.some((s) => s.signedAt) ? (
        <Button type="primary" loading={out.isPending} onClick={() => out.mutate()}>
          {t('archives.take-out')}
        </Button>
      ) : null}
      {out.isError ? <Failure error={out.error} /> : null}
      {verify.isError ? <Failure error={verify.error} /> : null}
      {open === 'borrow' ? <BorrowModal archive={archive} onClose={() => setOpen(null)} /> : null}
      {open === 'return' ? (
        <ReasonModal
          title={t('archives.send-back')}
          label={t('archives.send-back-reason')}
          okText={t('archives.send-back')}
          run={(reason) => api.post('/api/v1/archives/{id}/return', { params: { id: archive.id }, body: { reason } })}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            void changed();
          }}
        />
      ) : null}
    </>
  );
}

/** Elements whose values are codes. */
const coded: Readonly<Record<string, string>> = {
  category: 'archives.category',
  retention: 'archives.retention',
  secrecy: 'archives.secrecy',
  opening: 'archives.opening',
};

function Metadata({ archive, rules }: { archive: Archive; rules: Rules | undefined }) {
  const { t, say } = useSpeech();
  const shown = (key: string, value: unknown): string =>
    Array.isArray(value) ? value.join('；') : coded[key] ? t(`${coded[key]}.${value}`) : String(value ?? '');
  const elements = (rules?.metadata ?? []).filter(({ key }) => {
    const value = archive.metadata[key];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  return (
    <Panel title={t('archives.metadata')}>
      <Facts>
        {elements.map(({ key, title }) => (
          <Fact key={key} label={say(title)} wide={key === 'title' || key === 'summary' || key === 'note'}>
            <Value value={shown(key, archive.metadata[key])} mono={['fonds', 'unit', 'item'].includes(key)} />
          </Fact>
        ))}
        <Fact label={t('archives.facet.organisation')}>{say(archive.organisation.name)}</Fact>
        {archive.depositor ? <Fact label={t('archives.depositor')}>{archive.depositor}</Fact> : null}
        <Fact label={t('archives.archived-at')}>
          <Instant at={archive.archived} />
        </Fact>
        <Fact label={t('archives.verified-at')}>
          <Instant at={archive.verified} />
        </Fact>
        <Fact label={t('archives.due')}>{archive.due ?? t('archives.kept-for-ever')}</Fact>
        {archive.destroyed ? (
          <Fact label={t('archives.destroyed-at')}>
            <Instant at={archive.destroyed} />
          </Fact>
        ) : null}
      </Facts>
    </Panel>
  );
}
