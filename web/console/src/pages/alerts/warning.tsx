/** A warning to the public: written, looked at as the message that it will be, released by a person, updated or cancelled. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { App, Button, Input, Select } from 'antd';
import { useEffect, useState } from 'react';
import { type Answer, api, type Body } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded, Skeleton } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Field, wall } from './field.tsx';
import { colourNames, LevelMark } from './shared.tsx';

type View = Answer<'/api/v1/alerts/warnings/{id}'>;
type Draft = Body<'/api/v1/alerts/warnings'>;
type Content = Draft['content'];

const empty = (): Draft => ({
  ...{ alert: null, previous: null, msgType: 'Alert', status: 'Actual', scope: 'Public' },
  expires: new Date(Date.now() + 6 * 3_600_000).toISOString(),
  content: {
    ...{
      colour: 'yellow',
      event: '11B03',
      urgency: 'Expected',
      certainty: 'Likely',
      responses: ['Prepare'],
      onset: null,
    },
    ...{ headline: { zh: '', en: '' }, description: { zh: '', en: '' }, instruction: { zh: '', en: '' }, areaDesc: '' },
    ...{ polygons: [], circles: [], divisions: [], restriction: null },
  },
});

export default function WarningPage() {
  const { t, say } = useSpeech();
  const id = (useParams({ strict: false }) as { warning?: string }).warning ?? '';
  const isNew = id === 'new';
  const one = useQuery({
    queryKey: ['alerts', 'warning', id],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/warnings/{id}', { params: { id }, signal }),
    enabled: !isNew,
  });
  return (
    <Page
      title={isNew ? t('alerts.warning.new') : one.data ? say(one.data.warning.headline) : t('titles.public-warning')}
      back={{ to: '/public-warnings', label: t('titles.public-warnings') }}
    >
      {isNew ? (
        <NewWarning />
      ) : (
        <Loaded query={one}>
          {(view) => (
            <div className="stack">
              <State view={view} />
              {view.warning.state === 'draft' ? (
                <Form key={view.warning.revision} start={draftOf(view)} kept={view} />
              ) : null}
              <Preview view={view} />
            </div>
          )}
        </Loaded>
      )}
    </Page>
  );
}

const draftOf = (view: View): Draft => ({
  ...{
    alert: view.warning.alert,
    previous: view.warning.previous,
    msgType: view.warning.msgType,
    status: view.warning.status,
  },
  ...{ scope: view.warning.scope, expires: view.warning.expires, content: view.content as Content },
});

/** Begins empty, from an alert (`?alert=`), or as update or cancellation of a released one (`?previous=…&type=`). */
function NewWarning() {
  const url = useUrlState();
  const alert = Number(url.get('alert')) || null;
  const previous = Number(url.get('previous')) || null;
  const of = useQuery({
    queryKey: ['alerts', 'one', alert],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/{id}', { params: { id: alert ?? 0 }, signal }),
    enabled: alert !== null,
  });
  const before = useQuery({
    queryKey: ['alerts', 'warning', previous],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/warnings/{id}', { params: { id: previous ?? 0 }, signal }),
    enabled: previous !== null,
  });
  if ((alert && !of.data) || (previous && !before.data)) {
    const error = of.error ?? before.error;
    return error ? <Failure error={error} /> : <Skeleton />;
  }
  const start = empty();
  if (before.data) {
    Object.assign(start, draftOf(before.data), {
      previous,
      msgType: url.get('type') === 'Cancel' ? 'Cancel' : 'Update',
      expires: start.expires,
    });
  } else if (of.data) {
    const a = of.data.alert;
    start.alert = a.id;
    if (a.exercise) start.status = 'Exercise';
    start.content.colour = colourNames[Math.max(0, a.level - 1)] ?? 'blue';
    // Without a code of its own somebody has to say what it is.
    start.content.event = a.event ?? '';
    start.content.headline = { zh: a.title.zh, en: a.title.en };
    if (of.data.rule) start.content.instruction = { ...of.data.rule.text };
    start.content.areaDesc = a.label?.zh ?? '';
    if (a.lon !== null && a.lat !== null) start.content.circles = [{ lon: a.lon, lat: a.lat, km: 3 }];
  }
  return <Form start={start} kept={null} />;
}

function State({ view }: { view: View }) {
  const { t } = useSpeech();
  const w = view.warning;
  return (
    <Panel title={t('alerts.now')} extra={<Acts view={view} />}>
      <Facts>
        <Fact label={t('alerts.level-name')}>
          <LevelMark level={colourNames.indexOf(w.colour) + 1} />
        </Fact>
        <Fact label={t('alerts.state')}>
          <Label tone={w.state === 'released' ? 'good' : 'warn'}>
            {t(w.supersededBy ? 'alerts.warning.superseded' : `alerts.wstate.${w.state}`)}
          </Label>
        </Fact>
        <Fact label={t('alerts.msg-type')}>
          {t(`alerts.msg.${w.msgType}`)} · {t(`alerts.status.${w.status}`)} · {t(`alerts.scope.${w.scope}`)}
        </Fact>
        <Fact label={t('alerts.warning.identifier')}>
          <span style={{ overflowWrap: 'anywhere' }}>{w.identifier ?? t('alerts.warning.no-identifier')}</span>
        </Fact>
        <Fact label={t('alerts.warning.made-by')}>{w.madeBy}</Fact>
        <Fact label={t('alerts.warning.released-by')}>{w.releasedBy ?? '—'}</Fact>
        <Fact label={t('alerts.warning.sent')}>
          <Instant at={w.sent} />
        </Fact>
        <Fact label={t('alerts.warning.expires')}>
          <Instant at={w.expires} />
        </Fact>
        {w.seal ? <Fact label={t('alerts.warning.seal')}>{w.seal}</Fact> : null}
        {w.alert ? (
          <Fact label={t('titles.alert')}>
            <Link to="/alerts/$alert" params={{ alert: String(w.alert) } as never}>
              {t('alerts.look')}
            </Link>
          </Fact>
        ) : null}
        {view.chain.length > 1 ? (
          <Fact label={t('alerts.warning.chain')} wide>
            {view.chain.map((c) => (
              <span key={c.id} style={{ marginInlineEnd: 12 }}>
                <Link to="/public-warnings/$warning" params={{ warning: String(c.id) } as never}>
                  {t(`alerts.msg.${c.msgType}`)} {c.identifier ?? t(`alerts.wstate.${c.state}`)}
                </Link>
              </span>
            ))}
          </Fact>
        ) : null}
      </Facts>
    </Panel>
  );
}

function Acts({ view }: { view: View }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const w = view.warning;
  const act = useMutation({
    mutationFn: (kind: 'release' | 'drop') =>
      api.post(`/api/v1/alerts/warnings/{id}/${kind}` as const, {
        params: { id: w.id },
        body: { revision: w.revision },
      }),
    onSuccess: () => {
      message.success(t('alerts.done'));
      return client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
  if (!may('alert.handle')) return null;
  const later = (type: 'Update' | 'Cancel') =>
    void navigate({ to: `/public-warnings/new?previous=${w.id}&type=${type}` as never });
  return (
    <span className="row" style={{ flexWrap: 'wrap' }}>
      {act.error ? <Failure error={act.error} /> : null}
      {w.state === 'draft' ? (
        <>
          <Button
            type="primary"
            loading={act.isPending}
            onClick={() =>
              modal.confirm({
                ...{ title: t('alerts.warning.release'), content: t(`alerts.warning.release-${w.scope}`) },
                ...{
                  okText: t('alerts.warning.release'),
                  cancelText: t('common.cancel'),
                  onOk: () => act.mutate('release'),
                },
              })
            }
          >
            {t('alerts.warning.release')}
          </Button>
          <Button onClick={() => act.mutate('drop')}>{t('alerts.warning.drop')}</Button>
        </>
      ) : null}
      {w.state === 'released' && w.msgType !== 'Cancel' && !w.supersededBy ? (
        <>
          <Button onClick={() => later('Update')}>{t('alerts.msg.Update')}</Button>
          <Button onClick={() => later('Cancel')}>{t('alerts.msg.Cancel')}</Button>
        </>
      ) : null}
    </span>
  );
}

function Preview({ view }: { view: View }) {
  const { t } = useSpeech();
  return (
    <Panel title={t(view.warning.state === 'draft' ? 'alerts.warning.preview' : 'alerts.warning.xml')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <pre className="small" tabIndex={0} style={{ overflow: 'auto', maxBlockSize: 480, margin: 0 }}>
        {view.xml}
      </pre>
    </Panel>
  );
}

function Form({ start, kept }: { start: Draft; kept: View | null }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(start);
  const [area, setArea] = useState(areaText(start.content));
  const c = draft.content;
  const set = (patch: Partial<Content>) => setDraft((d) => ({ ...d, content: { ...d.content, ...patch } }));
  const info = useQuery({
    queryKey: ['alerts', 'warnings', 1],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/warnings', { query: { offset: 0, limit: 50 }, signal }),
  });
  useEffect(() => setArea(areaText(start.content)), [start.content]);
  const save = useMutation({
    mutationFn: async () => {
      const body = { ...draft, content: { ...c, ...areaOf(area) } };
      if (!kept) return api.post('/api/v1/alerts/warnings', { body });
      const { status, scope, expires, content } = body;
      return api.put('/api/v1/alerts/warnings/{id}', {
        params: { id: kept.warning.id },
        body: { revision: kept.warning.revision, status, scope, expires, content },
      });
    },
    onSuccess: async (done) => {
      await client.invalidateQueries({ queryKey: ['alerts'] });
      if (!kept) void navigate({ to: `/public-warnings/${done.warning.id}` as never });
    },
  });
  const choose = <V extends string>(
    label: string,
    value: V,
    values: readonly V[],
    name: (v: V) => string,
    change: (v: V) => void,
  ) => (
    <Field label={label}>
      <Select
        aria-label={label}
        value={value}
        options={values.map((v) => ({ value: v, label: name(v) }))}
        onChange={change}
        style={{ inlineSize: '100%' }}
      />
    </Field>
  );
  const speech = (name: 'headline' | 'description' | 'instruction', rows: number) =>
    (['zh', 'en'] as const).map((language) => {
      const label = `${t(`alerts.warning.${name}`)} · ${t(`alerts.warning.in-${language}`)}`;
      return (
        <Field key={`${name}-${language}`} label={label}>
          <Input.TextArea
            aria-label={label}
            rows={rows}
            value={c[name][language]}
            onChange={(e) => set({ [name]: { ...c[name], [language]: e.target.value } })}
          />
        </Field>
      );
    });
  return (
    <Panel title={t('alerts.warning.content')}>
      <div className="stack-s">
        <div
          style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 190px), 1fr))' }}
        >
          {choose(
            t('alerts.level-name'),
            c.colour,
            colourNames,
            (v) => t(`alerts.level.${colourNames.indexOf(v) + 1}`),
            (colour) => set({ colour }),
          )}
          {choose(
            t('alerts.warning.event'),
            c.event,
            (info.data?.events ?? []).map((e) => e.code),
            (v) => `${say(info.data?.events.find((e) => e.code === v))} ${v}`,
            (event) => set({ event }),
          )}
          {choose(
            t('alerts.warning.urgency'),
            c.urgency,
            ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'],
            (v) => t(`alerts.urgency.${v}`),
            (urgency) => set({ urgency }),
          )}
          {choose(
            t('alerts.warning.certainty'),
            c.certainty,
            ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'],
            (v) => t(`alerts.certainty.${v}`),
            (certainty) => set({ certainty }),
          )}
          {choose(
            t('alerts.warning.status'),
            draft.status,
            ['Actual', 'Exercise', 'Test'],
            (v) => t(`alerts.status.${v}`),
            (status) => setDraft({ ...draft, status }),
          )}
          {choose(
            t('alerts.warning.scope'),
            draft.scope,
            ['Public', 'Restricted'],
            (v) => t(`alerts.scope.${v}`),
            (scope) => setDraft({ ...draft, scope }),
          )}
          <Field label={t('alerts.warning.expires')}>
            <Input
              type="datetime-local"
              aria-label={t('alerts.warning.expires')}
              value={wall(Date.parse(draft.expires))}
              onChange={(e) => e.target.value && setDraft({ ...draft, expires: `${e.target.value}:00+08:00` })}
            />
          </Field>
          <Field label={t('alerts.warning.area')}>
            <Input
              aria-label={t('alerts.warning.area')}
              value={c.areaDesc}
              onChange={(e) => set({ areaDesc: e.target.value })}
            />
          </Field>
        </div>
        <Field label={t('alerts.warning.shapes')}>
          <Input.TextArea
            aria-label={t('alerts.warning.shapes')}
            rows={3}
            value={area}
            onChange={(e) => setArea(e.target.value)}
            placeholder={'330282\n30.17,121.25 3\n30.1,121.2 30.2,121.2 30.2,121.3 30.1,121.2'}
          />
        </Field>
        <div
          style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 420px), 1fr))' }}
        >
          {speech('headline', 2)}
          {speech('description', 4)}
          {speech('instruction', 4)}
        </div>
        {save.error ? <Failure error={save.error} /> : null}
        <div>
          <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
            {t('alerts.warning.save')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

/** Areas as lines: a division's code, a circle `latitude,longitude kilometres`, or a polygon of `latitude,longitude` pairs. */
const areaText = (c: Content): string =>
  [
    ...(c.divisions ?? []),
    ...(c.circles ?? []).map((o) => `${o.lat},${o.lon} ${o.km}`),
    ...(c.polygons ?? []).map((ring) => ring.map(([lon, lat]) => `${lat},${lon}`).join(' ')),
  ].join('\n');

/** What the lines say; what is no area is sent as it is read, so that the hub names the fault. */
function areaOf(text: string): Pick<Content, 'divisions' | 'circles' | 'polygons'> {
  const found: {
    divisions: string[];
    circles: { lon: number; lat: number; km: number }[];
    polygons: [number, number][][];
  } = { divisions: [], circles: [], polygons: [] };
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (!line) continue;
    const parts = line.split(/\s+/);
    if (!line.includes(',')) found.divisions.push(line);
    else if (parts.length === 2 && !parts[1]!.includes(',')) {
      const [lat, lon] = parts[0]!.split(',').map(Number);
      found.circles.push({ lat: lat ?? Number.NaN, lon: lon ?? Number.NaN, km: Number(parts[1]) });
    } else
      found.polygons.push(
        parts.map((p) => {
          const [lat, lon] = p.split(',').map(Number);
          return [lon ?? Number.NaN, lat ?? Number.NaN];
        }),
      );
  }
  return found;
}
