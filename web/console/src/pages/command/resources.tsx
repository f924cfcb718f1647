/** 应急资源: list and map, state and stock, movements of one of them. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Input, InputNumber, Modal, Select } from 'antd';
import { useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { type Resource, useAct } from './shared.tsx';

const kinds = ['team', 'vehicle', 'shelter', 'material', 'equipment'] as const;
const states = ['ready', 'assigned', 'working', 'maintenance', 'closed'] as const;
const tones = {
  ready: 'good',
  assigned: 'warn',
  working: 'primary',
  maintenance: undefined,
  closed: undefined,
} as const;
const colours = { team: 'primary', vehicle: 'weft', shelter: 'good', material: 'info', equipment: 'warn' } as const;

export default function Resources() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const offset = Number(url.get('offset')) || 0;
  const query = {
    kind: url.get('kind') || undefined,
    state: url.get('state') || undefined,
    text: url.get('text') || undefined,
    low: url.get('low') || undefined,
    offset,
    limit: 100,
  };
  const list = useQuery({
    queryKey: ['command', 'resources', query],
    queryFn: ({ signal }) => api.get('/api/v1/command/resources', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
  const chosen = url.get('chosen');
  const overlays = useMemo<Overlay[]>(
    () => [
      {
        ...{ id: 'resources', size: 6, onPick: (id: string) => url.set({ chosen: id }) },
        data: {
          type: 'FeatureCollection',
          features: (list.data?.items ?? []).map((r) => ({
            ...{ type: 'Feature', id: r.id, geometry: { type: 'Point', coordinates: [r.lon, r.lat] } },
            properties: { id: r.id, colour: colours[r.kind] },
          })),
        },
      },
    ],
    [list.data, url.set],
  );
  return (
    <Page title={t('titles.command-resources')} lead={t('command.resources-lead')}>
      <Filters keys={['kind', 'state', 'text', 'low']}>
        <ChoiceFilter
          name="kind"
          label={t('command.kind')}
          choices={kinds.map((k) => ({ value: k, label: t(`command.resource-kind.${k}`) }))}
        />
        <ChoiceFilter
          name="state"
          label={t('command.state')}
          choices={states.map((s) => ({ value: s, label: t(`command.resource-state.${s}`) }))}
        />
        <ChoiceFilter name="low" label={t('command.stock')} choices={[{ value: 'true', label: t('command.low') }]} />
        <TextFilter name="text" label={t('command.name')} />
      </Filters>
      <Loaded query={list}>
        {(data) => (
          <div className="stack">
            <Figures>
              {kinds.map((k) => {
                const own = data.states.filter((s) => s.kind === k);
                const all = own.reduce((n, s) => n + s.n, 0);
                const ready = own.filter((s) => s.state === 'ready').reduce((n, s) => n + s.n, 0);
                return (
                  <Figure
                    key={k}
                    label={t(`command.resource-kind.${k}`)}
                    note={
                      k === 'shelter'
                        ? t('command.open-n', {
                            n: own.filter((s) => s.state === 'working').reduce((n, s) => n + s.n, 0),
                          })
                        : t('command.ready-n', { n: ready })
                    }
                  >
                    {all}
                  </Figure>
                );
              })}
            </Figures>
            <Panel title={t('command.map')}>
              <CityMap label={t('titles.command-resources')} overlays={overlays} height={360} controls />
            </Panel>
            <Panel title={t('titles.command-resources')} flush>
              <DataTable
                caption={t('titles.command-resources')}
                rows={data.items}
                rowKey={(r) => r.id}
                chosen={(r) => r.id === chosen}
                empty={<Empty title={t('command.no-resources')} />}
                columns={[
                  {
                    key: 'kind',
                    title: t('command.kind'),
                    tight: true,
                    render: (r) => t(`command.resource-kind.${r.kind}`),
                  },
                  {
                    key: 'name',
                    title: t('command.name'),
                    head: true,
                    render: (r) => (
                      <button type="button" className="link-button" onClick={() => url.set({ chosen: r.id })}>
                        {say(r.name)}
                      </button>
                    ),
                  },
                  {
                    key: 'type',
                    title: t('command.kind-type'),
                    tight: true,
                    render: (r) => t(`command.type.${r.type}`, { defaultValue: r.type }),
                  },
                  { key: 'organisation', title: t('command.organisation'), render: (r) => say(r.organisation.name) },
                  {
                    key: 'state',
                    title: t('command.state'),
                    tight: true,
                    render: (r) => <Label tone={tones[r.state]}>{t(`command.resource-state.${r.state}`)}</Label>,
                  },
                  {
                    key: 'stock',
                    title: t('command.stock'),
                    align: 'end',
                    tight: true,
                    render: (r) => <Stock r={r} />,
                  },
                  { key: 'address', title: t('command.place'), render: (r) => r.address || '—' },
                ]}
              />
            </Panel>
            <Pager offset={offset} limit={100} total={data.total} onOffset={(n) => url.set({ offset: String(n) })} />
          </div>
        )}
      </Loaded>
      {chosen ? <Card id={chosen} onClose={() => url.set({ chosen: undefined })} /> : null}
    </Page>
  );
}

function Stock({ r }: { r: Resource }) {
  const { t } = useSpeech();
  if (r.kind === 'material')
    return (
      <span className={r.quantity < r.least ? 'num bad-text' : 'num'}>
        {r.quantity} {r.unit}
        {r.lent ? <span className="small quiet"> {t('command.lent-n', { n: r.lent })}</span> : null}
      </span>
    );
  if (r.kind === 'shelter') return <span className="num">{`${r.quantity} / ${r.capacity ?? '—'}`}</span>;
  return <span className="num quiet">{r.capacity ?? '—'}</span>;
}

const movesOf = {
  team: ['assign', 'arrive', 'release', 'maintain', 'repair'],
  vehicle: ['assign', 'arrive', 'release', 'maintain', 'repair'],
  equipment: ['assign', 'arrive', 'release', 'maintain', 'repair'],
  shelter: ['open', 'admit', 'leave', 'close', 'maintain', 'repair'],
  material: ['use', 'lend', 'return', 'replenish'],
} as const;
const counted = new Set(['admit', 'leave', 'use', 'lend', 'return', 'replenish']);

function Card({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, say } = useSpeech();
  const { me, may } = useSession();
  const one = useQuery({
    queryKey: ['command', 'resource', id],
    queryFn: ({ signal }) => api.get('/api/v1/command/resources/{id}', { params: { id }, signal }),
  });
  const running = useQuery({
    queryKey: ['command', 'operations', 'running'],
    queryFn: ({ signal }) => api.get('/api/v1/command/operations', { query: { state: 'running' }, signal }),
  });
  const [move, setMove] = useState<string>();
  const [quantity, setQuantity] = useState(1);
  const [operation, setOperation] = useState<number>();
  const [note, setNote] = useState('');
  const act = useAct(
    (_: undefined, key: string) =>
      api.post('/api/v1/command/resources/{id}/moves', {
        params: { id },
        body: {
          move: move as 'assign',
          quantity: counted.has(move!) ? quantity : 0,
          note: note.trim(),
          key,
          ...(operation === undefined ? {} : { operation }),
        },
      }),
    () => setMove(undefined),
  );
  return (
    <Modal open width={760} title={one.data ? say(one.data.name) : id} footer={null} onCancel={onClose}>
      <Loaded query={one}>
        {(r) => (
          <div className="stack-s">
            <p className="row">
              <Label tone={tones[r.state]}>{t(`command.resource-state.${r.state}`)}</Label> <Stock r={r} />{' '}
              <span className="quiet">{say(r.organisation.name)}</span>
            </p>
            {may('command.act') || may('command.manage') || me.user.organisation === r.organisation.id ? (
              <div className="row">
                <Select
                  aria-label={t('command.move')}
                  placeholder={t('command.move')}
                  style={{ width: 120 }}
                  value={move ?? null}
                  onChange={setMove}
                  options={movesOf[r.kind].map((m) => ({ value: m, label: t(`command.moves.${m}`) }))}
                />
                {move && counted.has(move) ? (
                  <InputNumber
                    aria-label={t('command.quantity')}
                    min={0.01}
                    value={quantity}
                    onChange={(n) => setQuantity(n ?? 1)}
                  />
                ) : null}
                <Select
                  aria-label={t('command.operation')}
                  placeholder={t('command.operation')}
                  allowClear
                  style={{ minWidth: 180 }}
                  value={operation ?? null}
                  onChange={(n: number | undefined) => setOperation(n)}
                  options={(running.data?.items ?? []).map((o) => ({
                    value: o.id,
                    label: o.exercise ? `【${t('command.exercise')}】${o.title}` : o.title,
                  }))}
                />
                <Input
                  className="grow"
                  aria-label={t('command.note')}
                  placeholder={t('command.note')}
                  maxLength={300}
                  value={note}
                  onChange={(e) => setNote(e.target.value)}
                />
                <Button
                  type="primary"
                  disabled={!move || (move === 'assign' && operation === undefined)}
                  loading={act.isPending}
                  onClick={() => act.mutate(undefined)}
                >
                  {t('command.confirm')}
                </Button>
              </div>
            ) : null}
            {act.isError ? <Failure error={act.error} /> : null}
            <DataTable
              caption={t('command.movements')}
              rows={r.movements}
              rowKey={(m) => m.id}
              columns={[
                { key: 'at', title: t('command.at'), tight: true, render: (m) => instant(m.madeAt) },
                {
                  key: 'kind',
                  title: t('command.move'),
                  head: true,
                  tight: true,
                  render: (m) => t(`command.moves.${m.kind}`),
                },
                {
                  key: 'quantity',
                  title: t('command.quantity'),
                  align: 'end',
                  tight: true,
                  render: (m) => m.quantity || '—',
                },
                { key: 'stock', title: t('command.stock'), align: 'end', tight: true, render: (m) => m.stockAfter },
                { key: 'by', title: t('command.by'), tight: true, render: (m) => m.madeBy },
                { key: 'note', title: t('command.note'), render: (m) => m.note || '—' },
              ]}
            />
          </div>
        )}
      </Loaded>
    </Modal>
  );
}
