/** The rest of a rule: where it looks, what must hold besides, what it holds back, what is no value at all. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Button, Checkbox, Input, InputNumber, Select } from 'antd';
import type { ReactNode } from 'react';
import { api, type Body } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';
import { AreaEditor } from './area.tsx';
import { Field, fieldGrid } from './field.tsx';

export type RuleBody = Body<'/api/v1/alerts/rules/try'>['rule'];
type Together = NonNullable<RuleBody['together']>[number];
type Inhibits = NonNullable<RuleBody['inhibits']>[number];

const wide = { inlineSize: '100%' } as const;
const block = { marginBlockStart: 12 } as const;

export function RuleMore(props: {
  body: RuleBody;
  manage: boolean;
  /** Types and properties that are measured in this city. */
  choices: readonly { type: string; property: string }[];
  set: (patch: Partial<RuleBody>) => void;
}) {
  const { body, manage, choices, set } = props;
  const { t } = useSpeech();
  const series = body.series ?? {};
  const setSeries = (patch: Partial<RuleBody['series']>) => {
    const next = Object.fromEntries(Object.entries({ ...series, ...patch }).filter(([, v]) => v !== undefined));
    set({ series: next as RuleBody['series'] });
  };
  const number = (
    label: string,
    value: number | undefined,
    change: (v: number | undefined) => void,
    least?: number,
  ) => (
    <Field label={label}>
      <InputNumber
        aria-label={label}
        value={value ?? null}
        disabled={!manage}
        {...(least === undefined ? {} : { min: least })}
        onChange={(v) => change(v ?? undefined)}
        style={wide}
      />
    </Field>
  );
  const { min, max } = body.plausible ?? {};
  const plausible = (patch: { min?: number | undefined; max?: number | undefined }) => {
    const next = { min, max, ...patch };
    if (next.min === undefined && next.max === undefined) set({ plausible: undefined } as Partial<RuleBody>);
    else set({ plausible: { min: next.min ?? -1e9, max: next.max ?? 1e9 } });
  };
  return (
    <>
      <div style={{ ...fieldGrid, ...block }}>
        {number(t('alerts.rule.quorum'), body.quorum ?? 1, (quorum) => set({ quorum: quorum ?? 1 }), 1)}
        {number(t('alerts.rule.plausible-min'), min, (v) => plausible({ min: v }))}
        {number(t('alerts.rule.plausible-max'), max, (v) => plausible({ max: v }))}
        <Field label={t('alerts.rule.event')}>
          <Input
            aria-label={t('alerts.rule.event')}
            value={body.event ?? ''}
            disabled={!manage}
            placeholder="11B03"
            onChange={(e) => set({ event: e.target.value || undefined } as Partial<RuleBody>)}
          />
        </Field>
        <Field label={t('alerts.rule.owner')}>
          <Owner of={body.owner ?? ''} manage={manage} onChange={(owner) => set({ owner } as Partial<RuleBody>)} />
        </Field>
        <div style={{ alignSelf: 'end' }}>
          <Checkbox
            checked={body.tellSilence ?? false}
            disabled={!manage || !body.silent}
            onChange={(e) => set({ tellSilence: e.target.checked })}
          >
            {t('alerts.rule.tell-silence')}
          </Checkbox>
        </div>
      </div>
      <Group title={t('alerts.rule.where')}>
        <Field label={t('alerts.rule.entities')}>
          <Input.TextArea
            aria-label={t('alerts.rule.entities')}
            rows={2}
            value={(series.entities ?? []).join('\n')}
            disabled={!manage}
            placeholder="urn:ngsi-ld:WaterObserved:…"
            onChange={(e) => {
              const list = e.target.value.split(/\s+/).filter(Boolean);
              setSeries({ entities: list.length ? list : undefined });
            }}
          />
        </Field>
        <Choice
          checked={series.within !== undefined}
          disabled={!manage}
          label={t('alerts.rule.within')}
          onChange={(on) => setSeries({ within: on ? { polygon: [] } : undefined })}
        />
        {series.within ? (
          <AreaEditor
            label={t('alerts.rule.within')}
            value={series.within.polygon}
            disabled={!manage}
            onChange={(ring) => setSeries({ within: { polygon: ring ?? [] } })}
          />
        ) : null}
        <Choice
          checked={series.near !== undefined}
          disabled={!manage}
          label={t('alerts.rule.near')}
          onChange={(on) => setSeries({ near: on ? { metres: 1000, places: '' } : undefined })}
        />
        {series.near ? (
          <>
            <div style={fieldGrid}>
              {number(t('alerts.rule.metres'), series.near.metres, (metres) =>
                setSeries({ near: { ...series.near!, metres: metres ?? 1000 } }),
              )}
            </div>
            <Field label={t('alerts.rule.places')}>
              <Input.TextArea
                aria-label={t('alerts.rule.places')}
                rows={4}
                value={series.near.places}
                disabled={!manage}
                style={{ fontFamily: 'monospace' }}
                onChange={(e) => setSeries({ near: { ...series.near!, places: e.target.value } })}
              />
            </Field>
            <p className="small quiet">{t('alerts.rule.places-hint')}</p>
          </>
        ) : null}
      </Group>
      <Group title={t('alerts.rule.together')} text={t('alerts.rule.together-text')}>
        <Rows
          of={body.together ?? []}
          most={4}
          manage={manage}
          fresh={{ property: '', direction: 'above', than: 0, age: '30m' } as Together}
          onChange={(together) => set({ together })}
          row={(one, change) => (
            <>
              <Field label={t('alerts.rule.series')}>
                <AutoComplete
                  aria-label={t('alerts.rule.series')}
                  value={[one.type, one.property].filter(Boolean).join('#')}
                  disabled={!manage}
                  options={choices.map((c) => ({ value: `${c.type}#${c.property}` }))}
                  filterOption={(text, option) => String(option?.value).toLowerCase().includes(text.toLowerCase())}
                  onChange={(v: string) => {
                    const [first, second] = v.split('#');
                    const named = second === undefined ? { property: first! } : { type: first!, property: second };
                    const { type: _, ...rest } = one;
                    change({ ...rest, ...named } as Together);
                  }}
                  style={wide}
                />
              </Field>
              <Field label={t('alerts.rule.direction')}>
                <Select
                  aria-label={t('alerts.rule.direction')}
                  value={one.direction ?? 'above'}
                  disabled={!manage}
                  options={['above', 'below'].map((value) => ({ value, label: t(`alerts.rule.${value}`) }))}
                  onChange={(direction) => change({ ...one, direction: direction as 'above' | 'below' })}
                  style={wide}
                />
              </Field>
              {number(t('alerts.threshold'), one.than, (than) => change({ ...one, than: than ?? 0 }))}
              {number(t('alerts.rule.metres-same'), one.metres, (metres) => {
                const { metres: _, ...rest } = one;
                change((metres === undefined ? rest : { ...rest, metres }) as Together);
              })}
              <Field label={t('alerts.rule.age')}>
                <Input
                  aria-label={t('alerts.rule.age')}
                  value={one.age ?? '30m'}
                  disabled={!manage}
                  onChange={(e) => change({ ...one, age: e.target.value })}
                />
              </Field>
            </>
          )}
        />
      </Group>
      <Group title={t('alerts.rule.inhibits')} text={t('alerts.rule.inhibits-text')}>
        <Rows
          of={body.inhibits ?? []}
          most={20}
          manage={manage}
          fresh={{ rule: '', where: 'entity', metres: 1000 } as Inhibits}
          onChange={(inhibits) => set({ inhibits })}
          row={(one, change) => (
            <>
              <Field label={t('titles.alert-rule')}>
                <Rule of={one.rule} manage={manage} onChange={(rule) => change({ ...one, rule })} />
              </Field>
              <Field label={t('alerts.rule.reach')}>
                <Select
                  aria-label={t('alerts.rule.reach')}
                  value={one.where ?? 'entity'}
                  disabled={!manage}
                  options={['entity', 'near', 'everywhere'].map((value) => ({
                    value,
                    label: t(`alerts.reach.${value}`),
                  }))}
                  onChange={(where) => change({ ...one, where: where as 'entity' })}
                  style={wide}
                />
              </Field>
              {one.where === 'near'
                ? number(t('alerts.rule.metres'), one.metres, (metres) => change({ ...one, metres: metres ?? 1000 }))
                : null}
            </>
          )}
        />
      </Group>
    </>
  );
}

function Group({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className="stack-s" style={{ marginBlockStart: 18 }} aria-label={title}>
      <h3>{title}</h3>
      {text ? <p className="small quiet">{text}</p> : null}
      {children}
    </section>
  );
}

function Choice(props: { checked: boolean; disabled: boolean; label: string; onChange: (on: boolean) => void }) {
  return (
    <div>
      <Checkbox checked={props.checked} disabled={props.disabled} onChange={(e) => props.onChange(e.target.checked)}>
        {props.label}
      </Checkbox>
    </div>
  );
}

/** A list of conditions, each a row of fields that can be taken away. */
function Rows<T>(props: {
  of: readonly T[];
  most: number;
  manage: boolean;
  fresh: T;
  row: (one: T, change: (next: T) => void) => ReactNode;
  onChange: (next: T[]) => void;
}) {
  const { of, most, manage, fresh, row, onChange } = props;
  const { t } = useSpeech();
  return (
    <>
      {of.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions are known by their place.
        <div key={i} className="panel panel-body" style={fieldGrid}>
          {row(one, (next) => onChange(of.map((old, k) => (k === i ? next : old))))}
          {manage ? (
            <div style={{ alignSelf: 'end' }}>
              <Button type="text" icon={<DeleteOutlined />} onClick={() => onChange(of.filter((_, k) => k !== i))}>
                {t('alerts.rule.remove')}
              </Button>
            </div>
          ) : null}
        </div>
      ))}
      {manage && of.length < most ? (
        <div>
          <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...of, fresh])}>
            {t('alerts.rule.add')}
          </Button>
        </div>
      ) : null}
      {!manage && of.length === 0 ? <p className="small quiet">{t('alerts.rule.none')}</p> : null}
    </>
  );
}

function Owner({ of, manage, onChange }: { of: string; manage: boolean; onChange: (v: string | undefined) => void }) {
  const { t, say } = useSpeech();
  const all = useQuery({
    queryKey: ['catalogue', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/organisations', { signal }),
    enabled: manage,
  });
  return (
    <Select
      aria-label={t('alerts.rule.owner')}
      showSearch
      allowClear
      optionFilterProp="label"
      value={of || null}
      disabled={!manage}
      options={(all.data?.items ?? (of ? [{ id: of, name: { zh: of, en: of } }] : [])).map((o) => ({
        value: o.id,
        label: say(o.name),
      }))}
      onChange={(v) => onChange(v ?? undefined)}
      style={wide}
    />
  );
}

function Rule({ of, manage, onChange }: { of: string; manage: boolean; onChange: (v: string) => void }) {
  const { t, say } = useSpeech();
  const all = useQuery({
    queryKey: ['alerts', 'rules'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/rules', { signal }),
  });
  return (
    <Select
      aria-label={t('titles.alert-rule')}
      showSearch
      optionFilterProp="label"
      value={of || null}
      disabled={!manage}
      options={(all.data?.rules ?? []).map((r) => ({ value: r.rule, label: say(r.title) }))}
      onChange={(v) => onChange(v ?? '')}
      style={wide}
    />
  );
}
