/** One rule: edited in fields, tried against the past before it goes live, with its versions. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { App, Button, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded, Skeleton } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Field, fieldGrid } from './field.tsx';
import { type RuleBody, RuleMore } from './rule-more.tsx';
import { type Trial, Tried } from './tried.tsx';

type Kept = Answer<'/api/v1/alerts/rules/{rule}'>;

const colours = ['blue', 'yellow', 'orange', 'red'] as const;
const windowed = ['mean', 'max', 'min', 'sum', 'change', 'rise', 'fall', 'rate'];
const measures = ['value', ...windowed, 'silence', 'anomaly', 'forecast'] as const;
const categories = [
  'Met',
  'Geo',
  'Env',
  'Safety',
  'Security',
  'Fire',
  'Health',
  'Transport',
  'Infra',
  'CBRNE',
  'Rescue',
  'Other',
];
const fresh = {
  ...{ rule: '', title: { zh: '', en: '' }, text: { zh: '', en: '' }, category: 'Met', series: {}, measure: 'value' },
  ...{ direction: 'above', levels: {}, hysteresis: 0, pending: '5m', keep: '10m', group: 'entity', storm: 20 },
} as unknown as RuleBody;

export default function RulePage() {
  const { t, say } = useSpeech();
  const name = (useParams({ strict: false }) as { rule?: string }).rule ?? '';
  const isNew = name === 'new';
  const one = useQuery({
    queryKey: ['alerts', 'rule', name],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/rules/{rule}', { params: { rule: name }, signal }),
    enabled: !isNew,
  });
  useTabTitle(one.data ? say(one.data.head.title) : undefined);
  return (
    <Page
      title={isNew ? t('alerts.rule.new') : one.data ? say(one.data.head.title) : t('titles.alert-rule')}
      lead={one.data ? name : undefined}
      back={{ to: '/alert-rules', label: t('titles.alert-rules') }}
    >
      {isNew ? (
        <Editor kept={null} />
      ) : (
        <Loaded query={one}>{(kept) => <Editor key={kept.head.version} kept={kept} />}</Loaded>
      )}
    </Page>
  );
}

function Editor({ kept }: { kept: Kept | null }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const manage = may('alert.manage');
  const [body, setBody] = useState<RuleBody>((kept?.body as RuleBody | undefined) ?? fresh);
  const [note, setNote] = useState('');
  const [days, setDays] = useState(7);
  const [trial, setTrial] = useState<Trial | null>(null);
  const set = (patch: Partial<RuleBody>) => {
    // What was tried was another rule.
    setTrial(null);
    setBody((b) => tidy({ ...b, ...patch }));
  };
  const series = body.series ?? {};
  const choices = useQuery({
    queryKey: ['alerts', 'choices'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/rules/choices', { signal }),
  });
  const tryIt = useMutation({
    mutationFn: () =>
      api.post('/api/v1/alerts/rules/try', { body: { rule: { ...body, rule: body.rule || 'trial' }, days } }),
    onSuccess: setTrial,
  });
  const save = useMutation({
    mutationFn: () =>
      api.put('/api/v1/alerts/rules/{rule}', {
        params: { rule: body.rule },
        body: { rule: body, note, base: kept?.head.version ?? null },
      }),
    onSuccess: async () => {
      message.success(t('alerts.done'));
      await client.invalidateQueries({ queryKey: ['alerts'] });
      if (!kept) void navigate({ to: `/alert-rules/${body.rule}` as never });
    },
  });
  const move = useMutation({
    mutationFn: (patch: { state?: 'live' | 'paused'; version?: number }) =>
      api.post('/api/v1/alerts/rules/{rule}/set', { params: { rule: kept!.head.rule }, body: patch }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  });
  const failed = tryIt.error ?? save.error ?? move.error;
  const text = (
    label: string,
    value: string,
    change: (v: string) => void,
    more: { disabled?: boolean; rows?: number } = {},
  ) => (
    <Field label={label}>
      {more.rows ? (
        <Input.TextArea
          aria-label={label}
          rows={more.rows}
          value={value}
          disabled={!manage}
          onChange={(e) => change(e.target.value)}
        />
      ) : (
        <Input
          aria-label={label}
          value={value}
          disabled={!manage || more.disabled === true}
          onChange={(e) => change(e.target.value)}
        />
      )}
    </Field>
  );
  const choose = (
    label: string,
    value: string,
    values: readonly { value: string; label: string }[],
    change: (v: string) => void,
  ) => (
    <Field label={label}>
      <Select
        aria-label={label}
        showSearch
        optionFilterProp="label"
        value={value || null}
        disabled={!manage}
        options={[...values]}
        onChange={(v) => change(v ?? '')}
        style={{ inlineSize: '100%' }}
      />
    </Field>
  );
  return (
    <div className="stack">
      {kept ? (
        <Panel
          title={t('alerts.rule.now')}
          extra={
            manage ? (
              <Button
                loading={move.isPending}
                onClick={() => move.mutate({ state: kept.head.state === 'live' ? 'paused' : 'live' })}
              >
                {t(kept.head.state === 'live' ? 'alerts.rule.pause' : 'alerts.rule.resume')}
              </Button>
            ) : null
          }
        >
          <Facts>
            <Fact label={t('alerts.state')}>
              <Label tone={kept.head.state === 'live' ? 'good' : 'warn'}>{t(`alerts.rule.${kept.head.state}`)}</Label>
            </Fact>
            <Fact label={t('alerts.rule.watched')}>{full(kept.head.watched)}</Fact>
            <Fact label={t('alerts.rule.open')}>{full(kept.head.open)}</Fact>
            <Fact label={t('alerts.rule.week')}>{full(kept.head.lastWeek)}</Fact>
          </Facts>
        </Panel>
      ) : null}
      <Panel title={t('alerts.rule.what')}>
        <div style={fieldGrid}>
          {text(t('alerts.rule.name'), body.rule, (rule) => set({ rule }), { disabled: kept !== null })}
          {text(t('alerts.rule.title-zh'), body.title.zh, (zh) => set({ title: { ...body.title, zh } }))}
          {text(t('alerts.rule.title-en'), body.title.en, (en) => set({ title: { ...body.title, en } }))}
          {choose(
            t('alerts.rule.category'),
            body.category,
            categories.map((value) => ({ value, label: t(`alerts.category.${value}`) })),
            (v) => set({ category: v as RuleBody['category'] }),
          )}
          {choose(
            t('alerts.rule.series'),
            [series.type, series.property].filter(Boolean).join('#'),
            (choices.data?.types ?? []).map((c) => ({
              value: `${c.type}#${c.property}`,
              label: `${c.type} · ${c.property} (${c.series})`,
            })),
            (v) => {
              const [type, property] = v.split('#');
              set({ series: { ...series, type, property } as RuleBody['series'] });
            },
          )}
          {choose(
            t('alerts.rule.measure'),
            body.measure ?? 'value',
            measures.map((value) => ({ value, label: t(`alerts.measures.${value}`) })),
            (v) => set({ measure: v as NonNullable<RuleBody['measure']> }),
          )}
          {windowed.includes(body.measure ?? '')
            ? text(t('alerts.rule.window'), body.window ?? '', (window) => set({ window }))
            : null}
          {body.measure === 'forecast'
            ? text(t('alerts.rule.ahead'), body.ahead ?? '', (ahead) => set({ ahead }))
            : null}
          {choose(
            t('alerts.rule.direction'),
            body.direction ?? 'above',
            ['above', 'below'].map((value) => ({ value, label: t(`alerts.rule.${value}`) })),
            (v) => set({ direction: v as 'above' | 'below' }),
          )}
          {colours.map((colour, n) => {
            const value = body.levels[colour];
            const label = t('alerts.rule.level-at', { level: t(`alerts.level.${n + 1}`) });
            const change = (v: number | string | null) => {
              const { [colour]: _, ...others } = body.levels;
              set({ levels: v === null || v === '' ? others : { ...others, [colour]: v } });
            };
            if (body.measure === 'silence') return <div key={colour}>{text(label, String(value ?? ''), change)}</div>;
            return (
              <Field key={colour} label={label}>
                <InputNumber
                  aria-label={label}
                  value={typeof value === 'number' ? value : null}
                  disabled={!manage}
                  onChange={change}
                  style={{ inlineSize: '100%' }}
                />
              </Field>
            );
          })}
          <Field label={t('alerts.rule.hysteresis')}>
            <InputNumber
              aria-label={t('alerts.rule.hysteresis')}
              min={0}
              value={body.hysteresis ?? 0}
              disabled={!manage}
              onChange={(v) => set({ hysteresis: v ?? 0 })}
              style={{ inlineSize: '100%' }}
            />
          </Field>
          {text(t('alerts.rule.pending'), body.pending ?? '', (pending) => set({ pending }))}
          {text(t('alerts.rule.keep'), body.keep ?? '', (keep) => set({ keep }))}
          {text(t('alerts.rule.silent'), body.silent ?? '', (silent) => set({ silent }))}
          {text(t('alerts.rule.repeat'), body.repeat ?? '', (repeat) => set({ repeat }))}
          {choose(
            t('alerts.rule.group'),
            body.group ?? 'entity',
            ['series', 'entity', 'owner', 'rule'].map((value) => ({ value, label: t(`alerts.groups.${value}`) })),
            (v) => set({ group: v as 'entity' }),
          )}
          <Field label={t('alerts.rule.storm')}>
            <InputNumber
              aria-label={t('alerts.rule.storm')}
              min={2}
              max={1000}
              value={body.storm ?? 20}
              disabled={!manage}
              onChange={(v) => set({ storm: v ?? 20 })}
              style={{ inlineSize: '100%' }}
            />
          </Field>
        </div>
        <div
          style={{
            ...fieldGrid,
            marginBlockStart: 12,
            gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 320px), 1fr))',
          }}
        >
          {text(t('alerts.rule.text-zh'), body.text.zh, (zh) => set({ text: { ...body.text, zh } }), { rows: 3 })}
          {text(t('alerts.rule.text-en'), body.text.en, (en) => set({ text: { ...body.text, en } }), { rows: 3 })}
        </div>
        <RuleMore body={body} manage={manage} choices={choices.data?.types ?? []} set={set} />
      </Panel>
      {manage ? (
        <Panel title={t('alerts.rule.try')}>
          <div className="stack-s">
            <div className="row" style={{ flexWrap: 'wrap' }}>
              <Select
                aria-label={t('alerts.rule.days')}
                value={days}
                onChange={setDays}
                options={[1, 3, 7, 14, 30].map((n) => ({ value: n, label: t('alerts.rule.days-n', { n }) }))}
              />
              <Button loading={tryIt.isPending} onClick={() => tryIt.mutate()}>
                {t('alerts.rule.try-do')}
              </Button>
              <Input
                aria-label={t('alerts.rule.note')}
                placeholder={t('alerts.rule.note')}
                maxLength={300}
                value={note}
                onChange={(e) => setNote(e.target.value)}
                style={{ flex: '1 1 200px', minInlineSize: 0 }}
              />
              <Button
                type="primary"
                loading={save.isPending}
                disabled={!note.trim() || !body.rule}
                onClick={() => save.mutate()}
              >
                {t('alerts.rule.save')}
              </Button>
            </div>
            {failed ? <Failure error={failed} /> : null}
            {tryIt.isPending ? (
              <Skeleton rows={3} />
            ) : trial ? (
              <Tried trial={trial} />
            ) : (
              <p className="small quiet">{t('alerts.rule.try-text')}</p>
            )}
          </div>
        </Panel>
      ) : null}
      {kept ? (
        <Panel title={t('alerts.rule.versions')}>
          <DataTable
            caption={t('alerts.rule.versions')}
            rows={kept.versions}
            rowKey={(v) => v.version}
            columns={[
              {
                key: 'version',
                title: t('alerts.rule.version'),
                head: true,
                tight: true,
                render: (v) => t('alerts.version-n', { n: v.version }),
              },
              {
                key: 'source',
                title: t('alerts.rule.source'),
                tight: true,
                render: (v) => t(`alerts.rule.from-${v.source}`),
              },
              { key: 'who', title: t('alerts.who'), tight: true, render: (v) => v.name ?? '—' },
              { key: 'at', title: t('alerts.when'), tight: true, render: (v) => <Instant at={v.at} /> },
              { key: 'note', title: t('alerts.words'), render: (v) => v.note ?? '' },
              {
                key: 'act',
                title: t('alerts.act'),
                tight: true,
                render: (v) =>
                  v.version === kept.head.version ? (
                    <Label tone="good">{t('alerts.rule.in-force')}</Label>
                  ) : manage ? (
                    <Button size="small" onClick={() => move.mutate({ version: v.version })}>
                      {t('alerts.rule.take')}
                    </Button>
                  ) : null,
              },
            ]}
          />
        </Panel>
      ) : null}
    </div>
  );
}

/** What does not belong to the chosen measure is left out: the hub would refuse it. */
function tidy(body: RuleBody): RuleBody {
  const next = { ...body } as Record<string, unknown>;
  for (const key of ['silent', 'repeat', 'window', 'ahead', 'event', 'owner', 'plausible'])
    if (!next[key]) delete next[key];
  if (!next.silent) next.tellSilence = false;
  if (!windowed.includes(String(next.measure))) delete next.window;
  if (next.measure !== 'forecast') delete next.ahead;
  if (next.measure === 'silence') Object.assign(next, { keep: '0s', hysteresis: 0, direction: 'above' });
  if (['silence', 'anomaly', 'forecast'].includes(String(next.measure))) next.together = [];
  return next as RuleBody;
}
