/** One request between hubs: its steps on both sides, the other side's clocks, what was handed back with its proof. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Input } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { bytes, day, full, instant, shortHash } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { type Content, RequestForm } from './request-form.tsx';
import { Clocks, type MatterDetail, matterTones } from './shared.tsx';

export default function MatterPage() {
  const { t, say } = useSpeech();
  const { matter } = useParams({ strict: false }) as { matter: string };
  const one = useQuery({
    queryKey: ['peers', 'matter', matter],
    queryFn: ({ signal }) => api.get('/api/v1/peers/matters/{id}', { params: { id: matter }, signal }),
    refetchInterval: 15_000,
  });
  const m = one.data?.matter;
  useTabTitle(m?.title);
  return (
    <Page
      title={m?.title ?? t('titles.peers-matter')}
      lead={m ? t(`peers.way-line.${m.direction}`, { department: m.departmentName, hub: say(m.peer.name) }) : undefined}
      back={{ to: '/peers/matters', label: t('titles.peers-matters') }}
    >
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

const text = (value: unknown): string => (typeof value === 'string' && value ? value : '—');

function Body({ data }: { data: MatterDetail }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { matter, content } = data;
  return (
    <div className="stack">
      <Panel
        title={t('peers.state-title')}
        extra={<Label tone={matterTones[matter.state]}>{say(matter.stateTitle)}</Label>}
      >
        <div className="stack-s">
          {matter.waiting ? <p className="note">{t('peers.in-outbox')}</p> : null}
          {data.missing.length ? (
            <div className="note warn">
              <p className="strong">{t('peers.missing')}</p>
              <ul className="small" style={{ listStyle: 'disc', paddingInlineStart: 18 }}>
                {data.missing.map((m) => (
                  <li key={m}>{m}</li>
                ))}
              </ul>
            </div>
          ) : null}
          {data.refusal ? (
            <p className="note bad">
              {data.refusal.reason} {data.refusal.ground}
            </p>
          ) : null}
          {data.share ? (
            <p className="note">
              {t('peers.granted-until', { day: day(data.share.until), n: data.share.items.length })}
            </p>
          ) : null}
          <Steps data={data} />
          {data.request !== null ? (
            <p>
              <Link to="/sharing/requests/$request" params={{ request: String(data.request) } as never}>
                {t('peers.as-request', { n: data.request })}
              </Link>
            </p>
          ) : null}
        </div>
      </Panel>
      {matter.clocks.length ? (
        <Panel title={t('peers.clocks')}>
          <p className="small quiet">{t(`peers.clocks-note.${matter.direction}`)}</p>
          <Clocks clocks={matter.clocks} />
        </Panel>
      ) : null}
      {data.mayEdit ? <Edit data={data} /> : null}
      <Deliveries data={data} again={may('peers.manage')} />
      {data.mayEdit ? null : (
        <Panel title={t('sharing.content')}>
          <Facts>
            {(['ground', 'scene', 'scope', 'contact'] as const).map((name) => (
              <Fact key={name} label={t(`sharing.${name}`)} wide={name !== 'contact'}>
                {text(content[name])}
              </Fact>
            ))}
            <Fact label={t('peers.until')}>{text(content.until)}</Fact>
            <Fact label={t('sharing.items')} wide>
              {Array.isArray(content.items)
                ? (content.items as string[])
                    .map((n) => {
                      const item = data.items.find((i) => i.name === n);
                      return item ? say(item.title) : n;
                    })
                    .join('、')
                : '—'}
            </Fact>
          </Facts>
        </Panel>
      )}
      <Panel title={t('peers.course')}>
        <ol className="stack-s" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
          {[...data.steps].reverse().map((s) => (
            <li key={`${s.at} ${s.action}`} className="note">
              <p className="row spread">
                <span className="strong">{t(`peers.action.${s.action}`)}</span>
                <span className="small quiet num">{instant(s.at)}</span>
              </p>
              <p className="row" style={{ gap: 8 }}>
                <span className="small quiet">
                  {t(`peers.side.${s.side}`)}
                  {s.login ? ` · ${s.login}` : ''}
                </span>
                <Label>{say(s.stateTitle)}</Label>
              </p>
              {s.comment ? <p>{s.comment}</p> : null}
            </li>
          ))}
        </ol>
      </Panel>
    </div>
  );
}

/** What may be done now. */
function Steps({ data }: { data: MatterDetail }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [comment, setComment] = useState('');
  const take = useMutation({
    mutationFn: (action: MatterDetail['open'][number]['action']) =>
      api.post('/api/v1/peers/matters/{id}/steps', {
        params: { id: data.matter.id },
        body: { action, version: data.matter.version, comment: comment.trim() },
      }),
    onSuccess: () => {
      message.success(t('peers.done'));
      setComment('');
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['peers'] }),
  });
  if (!data.open.length) return <p className="small quiet">{t('sharing.no-steps')}</p>;
  return (
    <div className="stack-s">
      <label htmlFor={id}>{t('peers.comment')}</label>
      <Input.TextArea id={id} rows={2} maxLength={1000} value={comment} onChange={(e) => setComment(e.target.value)} />
      {take.isError ? <Failure error={take.error} /> : null}
      <div className="row" style={{ flexWrap: 'wrap' }}>
        {data.open.map((s) => {
          const back = s.action === 'return' || s.action === 'withdraw';
          return (
            <Button
              key={s.action}
              type={back ? 'default' : 'primary'}
              danger={s.action === 'withdraw'}
              disabled={back && comment.trim().length < 2}
              loading={take.isPending && take.variables === s.action}
              onClick={() => take.mutate(s.action)}
            >
              {say(s.title)}
            </Button>
          );
        })}
      </div>
    </div>
  );
}

function Edit({ data }: { data: MatterDetail }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [content, setContent] = useState(data.content as Content);
  const remote = useQuery({
    queryKey: ['peers', 'entry', String(data.remoteEntry)],
    queryFn: ({ signal }) => api.get('/api/v1/peers/entries/{id}', { params: { id: data.remoteEntry! }, signal }),
    enabled: data.remoteEntry !== null,
  });
  const save = useMutation({
    mutationFn: () =>
      api.put('/api/v1/peers/matters/{id}', {
        params: { id: data.matter.id },
        body: { version: data.matter.version, content },
      }),
    onSuccess: () => message.success(t('peers.done')),
    onSettled: () => client.invalidateQueries({ queryKey: ['peers', 'matter'] }),
  });
  return (
    <Panel title={t('sharing.content')}>
      <div className="stack-s">
        <RequestForm
          items={data.items}
          condition={remote.data?.condition ?? null}
          content={content}
          set={(patch) => setContent((before) => ({ ...before, ...patch }))}
        />
        {save.isError ? <Failure error={save.error} /> : null}
        <div>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            {t('peers.save')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

const tones: Record<string, 'good' | 'bad' | 'info' | undefined> = {
  laid: 'good',
  confirmed: 'good',
  refused: 'bad',
  announced: 'info',
};

/** What was handed over, each with its fingerprint and the time that its seal proves. */
function Deliveries({ data, again }: { data: MatterDetail; again: boolean }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/peers/deliveries/{id}/again', { params: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['peers', 'matter'] }),
  });
  if (!data.deliveries.length) return null;
  return (
    <Panel title={t('peers.deliveries')}>
      <div className="stack-s">
        {retry.isError ? <Failure error={retry.error} /> : null}
        <DataTable
          caption={t('peers.deliveries')}
          rows={data.deliveries}
          rowKey={(row) => row.id}
          columns={[
            { key: 'number', title: t('peers.number'), head: true, tight: true, render: (row) => `#${row.number}` },
            {
              key: 'state',
              title: t('peers.state-title'),
              tight: true,
              render: (row) => <Label tone={tones[row.state]}>{t(`peers.delivery.${row.state}`)}</Label>,
            },
            { key: 'rows', title: t('peers.rows'), align: 'end', tight: true, render: (row) => full(row.rows) },
            { key: 'bytes', title: t('peers.size'), align: 'end', tight: true, render: (row) => bytes(row.bytes) },
            { key: 'sha', title: 'SHA-256', tight: true, render: (row) => <code>{shortHash(row.sha256)}</code> },
            {
              key: 'proof',
              title: t('peers.proof'),
              render: (row) =>
                row.problem ? (
                  <span className="small">{say(row.problem.title)}</span>
                ) : row.signedAt ? (
                  <span className="small">{t('peers.sealed-at', { at: instant(row.signedAt) })}</span>
                ) : (
                  <span className="quiet">—</span>
                ),
            },
            {
              key: 'source',
              title: t('peers.source'),
              render: (row) =>
                row.source ? (
                  <Link to="/exchange/sources/$source" params={{ source: row.source } as never}>
                    {row.source}
                  </Link>
                ) : row.state === 'refused' && again && data.matter.direction === 'out' ? (
                  <Button size="small" loading={retry.isPending} onClick={() => retry.mutate(row.id)}>
                    {t('peers.again')}
                  </Button>
                ) : (
                  '—'
                ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}
