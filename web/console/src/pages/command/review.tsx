/** 复盘: the time line replayed moment by moment out of the log; figures, organisations, lessons. */
import { CaretRightOutlined, PauseOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Input, Select, Slider } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { type Entry, momentAt } from '../../../../../hub/src/command/pure/index.ts';
import { type Answer, api } from '../../api/client.ts';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { LogEntries } from './log.tsx';
import { featuresOf } from './map.tsx';
import { clock, Exercise, Level, type Shape, TaskState, useAct } from './shared.tsx';
import { useOrganisations } from './tasks.tsx';

type Review = Answer<'/api/v1/command/operations/{id}/review'>;
const PAGE = 5_000;

/** The whole log, page after page. */
async function wholeLog(id: number, signal: AbortSignal): Promise<{ entries: Entry[]; holds: boolean }> {
  const entries: Entry[] = [];
  let holds = true;
  for (let after = 0; ; after = entries.at(-1)?.seq ?? after) {
    const part = await api.get('/api/v1/command/operations/{id}/log', {
      params: { id },
      query: { after, limit: PAGE },
      signal,
    });
    if (after === 0) holds = part.holds === true;
    entries.push(...(part.items as Entry[]));
    if (part.items.length < PAGE) return { entries, holds };
  }
}

export default function ReviewPage() {
  const { t } = useSpeech();
  const id = Number((useParams({ strict: false }) as { operation?: string }).operation);
  const review = useQuery({
    queryKey: ['command', 'review', id],
    queryFn: ({ signal }) => api.get('/api/v1/command/operations/{id}/review', { params: { id }, signal }),
  });
  const log = useQuery({ queryKey: ['command', 'log', id], queryFn: ({ signal }) => wholeLog(id, signal) });
  return (
    <Loaded query={review} heading={t('titles.command-review')}>
      {(r) => (
        <Page
          title={`${t('command.review')}：${r.head.title}`}
          lead={
            <span className="row">
              <Exercise of={r.head.exercise} /> <Level level={r.head.level} /> {instant(r.head.startedAt)}
            </span>
          }
        >
          <div className="stack">
            <Numbers r={r} />
            <Loaded query={log}>{(l) => <Replay entries={l.entries} holds={l.holds} />}</Loaded>
            <Organisations r={r} />
            <Lessons r={r} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Numbers({ r }: { r: Review }) {
  const { t } = useSpeech();
  const f = r.figures;
  const minutes = (n: number | null) => (n === null ? '—' : `${n} ${t('command.minutes')}`);
  return (
    <Figures>
      <Figure label={t('command.lasted')}>{minutes(f.minutes)}</Figure>
      <Figure label={t('command.assemble')} note={t('command.assemble-text')}>
        {minutes(f.assemble)}
      </Figure>
      <Figure label={t('command.ack-median')}>{minutes(f.acknowledge)}</Figure>
      <Figure label={t('command.tasks')} note={t('command.done-n', { n: f.done })}>
        {f.tasks}
      </Figure>
      <Figure label={t('command.late')}>
        <span className={f.late ? 'bad-text' : ''}>{f.late}</span>
      </Figure>
      <Figure label={t('command.gaps-n')}>
        <span className={f.gaps ? 'bad-text' : ''}>{f.gaps}</span>
      </Figure>
    </Figures>
  );
}

function Replay({ entries, holds }: { entries: Entry[]; holds: boolean }) {
  const { t, say } = useSpeech();
  const [place, setPlace] = useState(entries.length);
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setPlace((n) => (n >= entries.length ? n : n + 1)), 400);
    return () => clearInterval(timer);
  }, [playing, entries.length]);
  const past = useMemo(() => entries.slice(0, place), [entries, place]);
  const m = useMemo(() => momentAt(past), [past]);
  const names = useOrganisations();
  const start = entries[0]?.at;
  const overlays = useMemo<Overlay[]>(() => {
    const shapes = [...m.shapes.values()].map((s) => ({ ...s, geometry: s.geometry as Shape['geometry'] }));
    const out = [...m.resources.values()].filter((r) => r.lon !== null && r.lat !== null);
    return [
      { id: 'drawing', data: featuresOf(shapes), colour: 'bad' },
      {
        ...{ id: 'resources', colour: 'warn', size: 6 },
        data: {
          type: 'FeatureCollection',
          features: out.map((r) => ({
            type: 'Feature',
            id: r.id,
            geometry: { type: 'Point', coordinates: [r.lon, r.lat] },
            properties: { id: r.id, label: say(r.name) },
          })),
        },
      },
    ];
  }, [m, say]);
  if (!entries.length) return <Empty title={t('command.no-log')} />;
  return (
    <Panel
      title={t('command.replay')}
      extra={<Label tone={holds ? 'good' : 'bad'}>{t(holds ? 'command.log-holds' : 'command.log-broken')}</Label>}
    >
      <div className="stack-s">
        <div className="row">
          <Button
            icon={playing ? <PauseOutlined /> : <CaretRightOutlined />}
            aria-label={t(playing ? 'command.pause' : 'command.play')}
            onClick={() => {
              if (!playing && place >= entries.length) setPlace(1);
              setPlaying(!playing);
            }}
          />
          <Slider
            className="grow"
            min={1}
            max={entries.length}
            value={place}
            onChange={(n) => setPlace(n)}
            tooltip={{ formatter: (n) => instant(entries[(n ?? 1) - 1]?.at) }}
            ariaLabelForHandle={t('command.moment')}
          />
          <span className="num nowrap">
            {m.at ? instant(m.at) : ''} {m.at && start ? `+${clock(Date.parse(m.at) - Date.parse(start))}` : ''}
          </span>
        </div>
        <p className="row">
          {m.level ? <Level level={m.level} /> : null}
          <Exercise of={m.exercise} />
          <Label>{t('command.done-n', { n: [...m.tasks.values()].filter((x) => x.state === 'done').length })}</Label>
          {m.gaps.size ? <Label tone="bad">{t('command.gaps', { n: m.gaps.size })}</Label> : null}
          {[...m.alerts.values()].map((a) => (
            <Label key={a.key} tone="warn">
              {say(a.title)}
            </Label>
          ))}
        </p>
        <div className="command-halves">
          <CityMap label={t('command.replay')} overlays={overlays} height={360} controls />
          <LogEntries entries={[...past].reverse()} show={12} />
        </div>
        <DataTable
          caption={t('command.tasks')}
          rows={[...m.tasks.values()].filter((x) => x.state !== 'waiting')}
          rowKey={(x) => x.id}
          columns={[
            {
              key: 'organisation',
              title: t('command.organisation'),
              tight: true,
              render: (x) => names.find((n) => n.value === x.organisation)?.label ?? x.organisation,
            },
            { key: 'task', title: t('command.task'), head: true, render: (x) => say(x.title) },
            {
              key: 'state',
              title: t('command.state'),
              tight: true,
              render: (x) => (
                <TaskState
                  task={{
                    state: x.state as 'sent',
                    late: Boolean(x.due && m.at && !x.endedAt && x.due < m.at),
                    unacknowledged: false,
                  }}
                />
              ),
            },
            {
              key: 'progress',
              title: t('command.progress'),
              align: 'end',
              tight: true,
              render: (x) => <span className="num">{x.progress}%</span>,
            },
          ]}
        />
      </div>
    </Panel>
  );
}

function Organisations({ r }: { r: Review }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('command.by-organisation')} flush>
      <DataTable
        caption={t('command.by-organisation')}
        rows={r.organisations}
        rowKey={(o) => o.organisation.id}
        columns={[
          { key: 'name', title: t('command.organisation'), head: true, render: (o) => say(o.organisation.name) },
          { key: 'tasks', title: t('command.tasks'), align: 'end', tight: true, render: (o) => o.tasks },
          { key: 'done', title: t('command.task-state.done'), align: 'end', tight: true, render: (o) => o.done },
          {
            key: 'late',
            title: t('command.late'),
            align: 'end',
            tight: true,
            render: (o) => <span className={o.late ? 'bad-text' : ''}>{o.late}</span>,
          },
          { key: 'ack', title: t('command.ack-mean'), align: 'end', tight: true, render: (o) => o.acknowledge ?? '—' },
        ]}
      />
    </Panel>
  );
}

function Lessons({ r }: { r: Review }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const options = useOrganisations();
  const [text, setText] = useState('');
  const [organisation, setOrganisation] = useState<string>();
  const acts = may('command.act') || may('command.manage');
  const learn = useAct(
    () =>
      api.post('/api/v1/command/operations/{id}/lessons', {
        params: { id: r.head.id },
        body: { text: text.trim(), ...(organisation ? { organisation } : {}) },
      }),
    () => setText(''),
  );
  const settle = useAct((id: number) =>
    api.post('/api/v1/command/lessons/{id}/done', { params: { id }, body: { note: '' } }),
  );
  return (
    <Panel title={t('command.lessons')}>
      <div className="stack-s">
        {acts ? (
          <div className="row">
            <Input
              className="grow"
              aria-label={t('command.lesson')}
              placeholder={t('command.lesson')}
              maxLength={1000}
              value={text}
              onChange={(e) => setText(e.target.value)}
            />
            <Select
              allowClear
              style={{ minWidth: 200 }}
              aria-label={t('command.organisation')}
              placeholder={t('command.organisation')}
              optionFilterProp="label"
              showSearch
              options={options}
              value={organisation ?? null}
              onChange={(v: string | undefined) => setOrganisation(v)}
            />
            <Button disabled={!text.trim()} loading={learn.isPending} onClick={() => learn.mutate(undefined)}>
              {t('command.write')}
            </Button>
          </div>
        ) : null}
        {learn.isError ? <Failure error={learn.error} /> : null}
        {r.lessons.length ? null : <Empty title={t('command.no-lessons')} />}
        <ul className="command-list">
          {r.lessons.map((l) => (
            <li key={l.id} className="row spread">
              <span>
                <Label tone={l.state === 'done' ? 'good' : 'warn'}>{t(`command.lesson-${l.state}`)}</Label> {l.text}{' '}
                <span className="small quiet">
                  {l.organisation ? say(l.organisation.name) : ''} {l.madeBy}
                </span>
              </span>
              {acts && l.state === 'open' ? (
                <Button size="small" onClick={() => settle.mutate(l.id)}>
                  {t('command.settle')}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}
