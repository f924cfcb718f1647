/** One hub: its state, agreement to it, settings, harvests, what waits to be sent, its key for reading our catalogue. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Input, Popconfirm, Typography } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Contact } from './hubs.tsx';
import { type Settings, SettingsForm } from './settings-form.tsx';
import { Level, type Peer, PeerState } from './shared.tsx';

type Detail = Answer<'/api/v1/peers/{id}'>;

export default function HubPage() {
  const { t, say } = useSpeech();
  const { peer } = useParams({ strict: false }) as { peer: string };
  const one = useQuery({
    queryKey: ['peers', 'hub', peer],
    queryFn: ({ signal }) => api.get('/api/v1/peers/{id}', { params: { id: peer }, signal }),
    refetchInterval: ({ state }) => (state.data?.harvests[0]?.state === 'running' ? 2_000 : 30_000),
  });
  const title = one.data ? say(one.data.peer.name) : t('titles.peers-hub');
  useTabTitle(one.data ? title : undefined);
  return (
    <Page title={title} lead={one.data?.peer.url} back={{ to: '/peers/hubs', label: t('titles.peers-hubs') }}>
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

function Body({ data }: { data: Detail }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const { peer } = data;
  return (
    <div className="stack">
      {peer.state === 'introduced' && may('peers.manage') ? <Confirm peer={peer} /> : null}
      <Panel title={t('peers.state-title')} extra={<PeerState state={peer.state} />}>
        <div className="stack-s">
          <Facts>
            <Fact label={t('peers.level-title')}>
              <Level level={peer.level} />
            </Fact>
            <Fact label={t('peers.kind-title')}>{t(`peers.kind.${peer.kind}`)}</Fact>
            <Fact label={t('peers.contact')}>
              <Contact of={peer} />
            </Fact>
            <Fact label={t('peers.entries')}>
              <Link to="/peers/entries" search={{ peer: String(peer.id) } as never}>
                {full(peer.entries)}
              </Link>
              {peer.gone ? <span className="small quiet"> {t('peers.gone-n', { n: peer.gone })}</span> : null}
            </Fact>
            {peer.hub ? (
              <Fact label={t('peers.fingerprint')} wide>
                <code style={{ overflowWrap: 'anywhere' }}>{peer.hub}</code>
              </Fact>
            ) : null}
            {peer.invitedUntil ? <Fact label={t('peers.invited-until')}>{instant(peer.invitedUntil)}</Fact> : null}
            {peer.nextHarvest && peer.state === 'active' ? (
              <Fact label={t('peers.next-harvest')}>{instant(peer.nextHarvest)}</Fact>
            ) : null}
          </Facts>
          {may('peers.manage') ? <Actions peer={peer} /> : null}
        </div>
      </Panel>
      {data.outbox.length ? (
        <Panel title={t('peers.outbox')}>
          <DataTable
            caption={t('peers.outbox')}
            rows={data.outbox}
            rowKey={(row) => row.id}
            columns={[
              {
                key: 'kind',
                title: t('peers.message'),
                head: true,
                render: (row) => t(`peers.messages.${row.kind.replace('.', '-')}`),
              },
              { key: 'at', title: t('peers.since'), tight: true, render: (row) => instant(row.at) },
              { key: 'tries', title: t('peers.tries'), align: 'end', tight: true, render: (row) => row.tries },
              { key: 'next', title: t('peers.next-try'), tight: true, render: (row) => instant(row.nextTry) },
              { key: 'problem', title: t('peers.problem'), render: (row) => <Trouble of={row.problem} /> },
            ]}
          />
        </Panel>
      ) : null}
      <Panel title={t('peers.harvests')}>
        <DataTable
          caption={t('peers.harvests')}
          rows={data.harvests}
          rowKey={(row) => row.id}
          empty={<p className="small quiet">{t('peers.no-harvests')}</p>}
          columns={[
            { key: 'at', title: t('peers.started'), head: true, tight: true, render: (row) => instant(row.startedAt) },
            {
              key: 'state',
              title: t('peers.state-title'),
              tight: true,
              render: (row) => (
                <Label tone={row.state === 'done' ? 'good' : row.state === 'failed' ? 'bad' : 'info'}>
                  {t(`peers.harvest-state.${row.state}`)}
                </Label>
              ),
            },
            ...(['seen', 'added', 'changed', 'gone', 'twice'] as const).map((key) => ({
              ...{ key, title: t(`peers.count.${key}`), align: 'end' as const, tight: true },
              render: (row: Detail['harvests'][number]) => <span className="num">{full(row[key])}</span>,
            })),
            { key: 'problem', title: t('peers.problem'), render: (row) => <Trouble of={row.problem} /> },
          ]}
        />
      </Panel>
      {may('peers.manage') ? <Change peer={peer} /> : null}
    </div>
  );
}

function Trouble({ of }: { of: { title: { zh: string; en: string } } | null }) {
  const { say } = useSpeech();
  return of ? <span className="small">{say(of.title)}</span> : <span className="quiet">—</span>;
}

/** The check code that the other administrator reads out. */
function Confirm({ peer }: { peer: Peer }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const id = useId();
  const [check, setCheck] = useState('');
  const agree = useMutation({
    mutationFn: () => api.post('/api/v1/peers/{id}/confirmation', { params: { id: peer.id }, body: { check } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['peers'] }),
  });
  return (
    <Panel title={t('peers.confirm')}>
      <div className="stack-s">
        <p>{t('peers.confirm-text')}</p>
        <label htmlFor={id}>{t('peers.their-check')}</label>
        <Input
          id={id}
          style={{ maxWidth: 220 }}
          placeholder="0000-0000"
          value={check}
          onChange={(e) => setCheck(e.target.value.trim())}
        />
        {agree.isError ? <Failure error={agree.error} /> : null}
        <div>
          <Button type="primary" loading={agree.isPending} disabled={check.length < 9} onClick={() => agree.mutate()}>
            {t('peers.confirm-do')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Actions({ peer }: { peer: Peer }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const params = { id: peer.id };
  const done = (text: string) => () => {
    message.success(text);
    return client.invalidateQueries({ queryKey: ['peers'] });
  };
  const onSettled = () => client.invalidateQueries({ queryKey: ['peers'] });
  const read = useMutation({
    mutationFn: () => api.post('/api/v1/peers/{id}/harvest', { params }),
    onSuccess: done(t('peers.harvest-asked')),
  });
  const contact = useMutation({
    mutationFn: () => api.post('/api/v1/peers/{id}/contact', { params }),
    onSuccess: done(t('peers.contact-good')),
    onSettled,
  });
  const suspend = useMutation({
    mutationFn: (suspended: boolean) => api.post('/api/v1/peers/{id}/suspension', { params, body: { suspended } }),
    onSuccess: done(t('peers.done')),
  });
  const key = useMutation({
    mutationFn: () => api.post('/api/v1/peers/{id}/reader-key', { params }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['peers'] }),
  });
  const failed = [read, contact, suspend, key].find((m) => m.isError);
  return (
    <div className="stack-s">
      <div className="row" style={{ flexWrap: 'wrap' }}>
        {peer.state === 'active' ? (
          <>
            <Button loading={read.isPending} disabled={!peer.harvestIn} onClick={() => read.mutate()}>
              {t('peers.harvest-now')}
            </Button>
            <Button loading={contact.isPending} onClick={() => contact.mutate()}>
              {t('peers.contact-try')}
            </Button>
            <Popconfirm title={t('peers.key-sure')} onConfirm={() => key.mutate()}>
              <Button loading={key.isPending}>{t('peers.key-give')}</Button>
            </Popconfirm>
          </>
        ) : null}
        {peer.state === 'suspended' ? (
          <Button loading={suspend.isPending} onClick={() => suspend.mutate(false)}>
            {t('peers.resume')}
          </Button>
        ) : (
          <Popconfirm title={t('peers.suspend-sure')} onConfirm={() => suspend.mutate(true)}>
            <Button danger loading={suspend.isPending}>
              {peer.state === 'active' ? t('peers.suspend') : t('peers.withdraw')}
            </Button>
          </Popconfirm>
        )}
      </div>
      {failed ? <Failure error={failed.error} /> : null}
      {key.data ? (
        <div className="note warn stack-s" role="status">
          <p>{t('peers.key-once', { until: instant(key.data.until) })}</p>
          <Typography.Paragraph copyable={{ text: key.data.key }} code style={{ overflowWrap: 'anywhere', margin: 0 }}>
            {key.data.key}
          </Typography.Paragraph>
          <p className="small quiet">{t('peers.key-use')}</p>
        </div>
      ) : null}
    </div>
  );
}

function Change({ peer }: { peer: Peer }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [value, setValue] = useState<Settings>({
    ...{ name: peer.name, level: peer.level, networks: peer.networks, harvestIn: peer.harvestIn },
    ...{ harvestOut: peer.harvestOut, requests: peer.requests, everyHours: peer.everyHours, divisions: peer.divisions },
  });
  const save = useMutation({
    mutationFn: () => api.put('/api/v1/peers/{id}', { params: { id: peer.id }, body: value }),
    onSuccess: () => {
      message.success(t('peers.done'));
      return client.invalidateQueries({ queryKey: ['peers'] });
    },
  });
  return (
    <Panel title={t('peers.settings')}>
      <div className="stack-s">
        <SettingsForm
          value={value}
          set={(patch) => setValue((before) => ({ ...before, ...patch }))}
          foreign={peer.kind !== 'jingwei'}
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
