/** One proposal or dataset on the console: its check, its plan, its steps and editions. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { CheckResult } from './check.tsx';
import { type Plan, PlanForm } from './plan-form.tsx';
import { type DeskDataset, Stars, StateLabel } from './shared.tsx';

export default function OpenProposal() {
  const { t, say } = useSpeech();
  const { id } = useParams({ strict: false }) as { id: string };
  const found = useQuery({
    queryKey: ['open-desk', 'dataset', id],
    queryFn: ({ signal }) => api.get('/api/v1/open/datasets/{id}', { params: { id }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.check?.state === 'running' ||
      state.data?.state === 'opening' ||
      state.data?.editions[0]?.state === 'making'
        ? 1_500
        : 30_000,
    retry: false,
  });
  useTabTitle(found.data ? say(found.data.title) : undefined);
  return (
    <Loaded query={found} heading={t('titles.open-proposal')}>
      {(d) => (
        <Page
          title={say(d.title)}
          lead={say(d.abstract)}
          back={{ to: '/open-desk', label: t('titles.open-desk') }}
          actions={
            d.state === 'open' ? (
              <Link to="/open/$dataset" params={{ dataset: d.slug } as never}>
                <Button>{t('opendata.public-page')}</Button>
              </Link>
            ) : null
          }
        >
          <div className="stack">
            <Head d={d} />
            <Steps key={d.version} d={d} />
            <CheckResult d={d} />
            {d.mayEdit ? <EditPlan key={d.revision} d={d} /> : <Fields d={d} />}
            <Editions d={d} />
            <History d={d} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Head({ d }: { d: DeskDataset }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('opendata.about')} extra={<StateLabel state={d.state} />}>
      <div className="stack-s">
        {d.reason ? <p className={d.state === 'withdrawn' ? 'note' : 'note bad'}>{say(d.reason)}</p> : null}
        <Facts>
          <Fact label={t('opendata.provider')}>{say(d.provider.name)}</Fact>
          <Fact label={t('opendata.entry')}>
            <Link to="/catalogue/entries/$entry" params={{ entry: d.entry } as never}>
              {say(d.entryTitle) || d.entry}
            </Link>
          </Fact>
          <Fact label={t('opendata.facet.cycle')}>
            {t(`opendata.cycle.${d.plan.cycle}`)}{' '}
            {d.next ? <span className="quiet small">{t('opendata.next', { day: d.next })}</span> : null}
          </Fact>
          <Fact label={t('opendata.licence.label')}>{t(`opendata.licence.${d.plan.licence}`)}</Fact>
          <Fact label={t('opendata.use')}>
            {t('opendata.used', { view: full(d.use.view), download: full(d.use.download), call: full(d.use.call) })}
          </Fact>
          <Fact label={t('opendata.stars-title')}>
            <Stars value={d.use.stars} count={d.use.ratings} />
          </Fact>
          <Fact label={t('opendata.ground')} wide>
            {d.plan.ground || <span className="quiet">—</span>}
          </Fact>
        </Facts>
      </div>
    </Panel>
  );
}

const needsReason = ['return', 'withdraw'];

function Steps({ d }: { d: DeskDataset }) {
  const { t } = useSpeech();
  const id = useId();
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const take = useMutation({
    mutationFn: (action: string) =>
      api.post('/api/v1/open/datasets/{id}/steps', {
        params: { id: d.id },
        body: { action, version: d.version, comment: comment.trim() },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['open-desk'] }),
  });
  const steps = d.steps.filter((s) => s !== 'check');
  if (steps.length === 0) return null;
  return (
    <Panel title={t('opendata.steps')}>
      <div className="stack-s">
        <label htmlFor={id}>{t('opendata.comment')}</label>
        <Input.TextArea
          id={id}
          rows={2}
          maxLength={1000}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        {take.isError ? <Failure error={take.error} /> : null}
        <div className="row" style={{ flexWrap: 'wrap' }}>
          {steps.map((s, i) => (
            <Button
              key={s}
              type={i === 0 && !needsReason.includes(s) ? 'primary' : 'default'}
              danger={s === 'withdraw'}
              disabled={take.isPending || (needsReason.includes(s) && d.state !== 'draft' && comment.trim().length < 4)}
              onClick={() => take.mutate(s)}
            >
              {t(`opendata.step.${s}`)}
            </Button>
          ))}
        </div>
      </div>
    </Panel>
  );
}

function EditPlan({ d }: { d: DeskDataset }) {
  const { t } = useSpeech();
  const id = useId();
  const client = useQueryClient();
  const entries = useQuery({
    queryKey: ['open-desk', 'entries'],
    queryFn: ({ signal }) => api.get('/api/v1/open/entries', { signal }),
  });
  const [plan, setPlan] = useState<Plan>(d.plan);
  const [title, setTitle] = useState(d.title);
  const [abstract, setAbstract] = useState(d.abstract);
  const save = useMutation({
    mutationFn: async () => {
      const saved = await api.put('/api/v1/open/datasets/{id}', {
        params: { id: d.id },
        body: { version: d.version, title, abstract, plan },
      });
      return api.post('/api/v1/open/datasets/{id}/steps', {
        params: { id: d.id },
        body: { action: 'check', version: saved.version },
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['open-desk'] }),
  });
  const entry = entries.data?.items.find((e) => e.id === d.entry);
  if (!entry) return null;
  return (
    <Panel title={t('opendata.plan.title')}>
      <div className="stack">
        <div className="entry-form">
          <div className="entry-field">
            <label htmlFor={`${id}-t`}>{t('opendata.plan.name')}</label>
            <Input
              id={`${id}-t`}
              maxLength={80}
              value={title.zh}
              onChange={(event) => setTitle({ ...title, zh: event.target.value })}
            />
          </div>
          <div className="entry-field">
            <label htmlFor={`${id}-e`}>{t('opendata.plan.name-en')}</label>
            <Input
              id={`${id}-e`}
              maxLength={80}
              value={title.en}
              onChange={(event) => setTitle({ ...title, en: event.target.value })}
            />
          </div>
          <div className="entry-field wide">
            <label htmlFor={`${id}-a`}>{t('opendata.plan.abstract')}</label>
            <Input.TextArea
              id={`${id}-a`}
              rows={2}
              maxLength={1000}
              value={abstract.zh}
              onChange={(event) => setAbstract({ ...abstract, zh: event.target.value })}
            />
          </div>
        </div>
        <PlanForm entry={entry} plan={plan} set={setPlan} />
        {save.isError ? <Failure error={save.error} /> : null}
        <div className="row">
          <Button
            type="primary"
            loading={save.isPending}
            disabled={plan.items.length === 0 || title.zh.trim() === ''}
            onClick={() => save.mutate()}
          >
            {t('opendata.save-check')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Fields({ d }: { d: DeskDataset }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('opendata.items')} flush>
      <DataTable
        caption={t('opendata.items')}
        rows={d.fields}
        rowKey={(f) => f.name}
        columns={[
          { key: 'title', title: t('opendata.item'), head: true, render: (f) => say(f.title) },
          { key: 'type', title: t('opendata.type'), tight: true, render: (f) => t(`opendata.types.${f.type}`) },
          { key: 'as', title: t('opendata.shown'), tight: true, render: (f) => t(`opendata.as.${f.as}`) },
        ]}
      />
    </Panel>
  );
}

const editionTones = { making: 'info', open: 'good', held: 'warn', failed: 'bad', withdrawn: undefined } as const;

function Editions({ d }: { d: DeskDataset }) {
  const { t } = useSpeech();
  if (d.editions.length === 0) return null;
  return (
    <Panel title={t('opendata.versions')} flush>
      <DataTable
        caption={t('opendata.versions')}
        rows={d.editions}
        rowKey={(e) => e.id}
        columns={[
          {
            key: 'n',
            title: t('opendata.version'),
            head: true,
            tight: true,
            render: (e) => <span className="num">{e.number}</span>,
          },
          {
            key: 'state',
            title: t('opendata.state.label'),
            tight: true,
            render: (e) => <Label tone={editionTones[e.state]}>{t(`opendata.edition-state.${e.state}`)}</Label>,
          },
          {
            key: 'made',
            title: t('opendata.made'),
            tight: true,
            render: (e) => <span className="num">{instant(e.made)}</span>,
          },
          {
            key: 'rows',
            title: t('opendata.rows'),
            align: 'end',
            tight: true,
            render: (e) => <span className="num">{e.rows === null ? '—' : full(e.rows)}</span>,
          },
          {
            key: 'seal',
            title: t('opendata.seal'),
            render: (e) =>
              e.files.length ? <SealMark kind="file" subject={`open/${d.slug}/${e.number}/csv`} /> : null,
          },
        ]}
      />
    </Panel>
  );
}

function History({ d }: { d: DeskDataset }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('opendata.history')} flush>
      <DataTable
        caption={t('opendata.history')}
        rows={d.history}
        rowKey={(h) => h.seq}
        columns={[
          {
            key: 'what',
            title: t('opendata.step-title'),
            head: true,
            tight: true,
            render: (h) => t(`opendata.step.${h.action}`),
          },
          { key: 'who', title: t('opendata.by'), tight: true, render: (h) => h.login ?? t('opendata.hub') },
          {
            key: 'at',
            title: t('opendata.at'),
            tight: true,
            render: (h) => <span className="num">{instant(h.at)}</span>,
          },
          { key: 'comment', title: t('opendata.comment'), render: (h) => h.comment ?? '' },
        ]}
      />
    </Panel>
  );
}
