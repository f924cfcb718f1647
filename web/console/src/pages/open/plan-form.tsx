/** The plan of an open dataset as a form: which items, how each is shown, rows or counts, law, licence and cycle. */
import { Checkbox, Input, Select } from 'antd';
import { useId } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import type { DeskDataset } from './shared.tsx';

export type Plan = DeskDataset['plan'];
export type Entry = Answer<'/api/v1/open/entries'>['items'][number];

const licences = ['cn-open', 'cc-by-4.0', 'cc0-1.0', 'odbl-1.0'] as const;
const cycles = ['once', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
const tones = { public: undefined, internal: 'info', personal: 'warn', sensitive: 'bad' } as const;

/** A plan that a proposal begins with: what the catalogue calls public. */
export const firstPlan = (entry: Entry): Plan => ({
  items: entry.items
    .filter((i) => i.protection === 'public')
    .slice(0, 60)
    .map((i) => ({ item: i.name, as: { kind: 'plain' }, note: '' })),
  ...{ filter: [], aggregate: null, quasi: [], sensitive: [], leaveOutSmall: false, k: null, l: 2 },
  ...{ licence: 'cn-open', cycle: 'monthly', ground: '', condition: '', keywords: [] },
});

type Way = Plan['items'][number]['as'];
const wayKey = (w: { kind: string; width?: number; length?: number }) => `${w.kind}${w.width ?? w.length ?? ''}`;

export function PlanForm({ entry, plan, set }: { entry: Entry; plan: Plan; set: (plan: Plan) => void }) {
  const { t, say } = useSpeech();
  const id = useId();
  const chosen = new Map(plan.items.map((i) => [i.item, i]));
  const wayText = (w: { kind: string; width?: number; length?: number }) =>
    `${t(`opendata.as.${w.kind}`)}${w.width ? ` ${w.width}` : w.length ? ` ${w.length}` : ''}`;
  const toggle = (name: string, on: boolean) =>
    set({
      ...plan,
      items: on
        ? entry.items
            .filter((i) => i.name === name || chosen.has(i.name))
            .map((i) => chosen.get(i.name) ?? { item: i.name, as: { kind: 'plain' as const }, note: '' })
        : plan.items.filter((i) => i.item !== name),
      quasi: plan.quasi.filter((q) => q !== name || on),
      sensitive: plan.sensitive.filter((q) => q !== name || on),
    });
  const numbers = entry.items.filter(
    (i) => (i.type === 'integer' || i.type === 'decimal') && ['public', 'internal'].includes(i.protection),
  );
  const sums = plan.aggregate?.measures.flatMap((m) => (m.kind === 'sum' ? [m.item] : [])) ?? [];
  return (
    <div className="stack">
      <div className="entry-form">
        <div className="entry-field">
          <label htmlFor={`${id}-k`}>{t('opendata.plan.kind')}</label>
          <Select
            id={`${id}-k`}
            aria-label={t('opendata.plan.kind')}
            value={plan.aggregate ? 'counts' : 'rows'}
            onChange={(kind: string) =>
              set({
                ...plan,
                aggregate: kind === 'counts' ? { measures: [{ kind: 'count' }] } : null,
                quasi: [],
                sensitive: [],
              })
            }
            options={['rows', 'counts'].map((value) => ({ value, label: t(`opendata.plan.${value}`) }))}
          />
          <p className="small quiet">{t(plan.aggregate ? 'opendata.plan.counts-note' : 'opendata.plan.rows-note')}</p>
        </div>
        {plan.aggregate ? (
          <div className="entry-field">
            <label htmlFor={`${id}-s`}>{t('opendata.plan.sums')}</label>
            <Select
              id={`${id}-s`}
              aria-label={t('opendata.plan.sums')}
              mode="multiple"
              maxCount={5}
              value={sums}
              onChange={(items: string[]) =>
                set({
                  ...plan,
                  aggregate: {
                    measures: [{ kind: 'count' }, ...items.map((item) => ({ kind: 'sum' as const, item }))],
                  },
                })
              }
              options={numbers.map((i) => ({ value: i.name, label: say(i.title) }))}
            />
          </div>
        ) : null}
      </div>
      <DataTable
        caption={t('opendata.items')}
        rows={entry.items}
        rowKey={(i) => i.name}
        chosen={(i) => chosen.has(i.name)}
        columns={[
          {
            key: 'on',
            title: t('opendata.plan.opened'),
            tight: true,
            render: (i) => (
              <Checkbox
                aria-label={say(i.title)}
                checked={chosen.has(i.name)}
                onChange={(event) => toggle(i.name, event.target.checked)}
              />
            ),
          },
          { key: 'title', title: t('opendata.item'), head: true, render: (i) => say(i.title) },
          {
            key: 'protection',
            title: t('opendata.plan.protection'),
            tight: true,
            render: (i) => <Label tone={tones[i.protection]}>{t(`terms.protection.${i.protection}`)}</Label>,
          },
          {
            key: 'as',
            title: t('opendata.shown'),
            render: (i) => {
              const own = chosen.get(i.name);
              if (!own) return null;
              return (
                <Select
                  size="small"
                  aria-label={`${say(i.title)} ${t('opendata.shown')}`}
                  style={{ minWidth: 130 }}
                  value={wayKey(own.as)}
                  onChange={(key: string) => {
                    const way = i.ways.find((w) => wayKey(w) === key);
                    if (way)
                      set({
                        ...plan,
                        items: plan.items.map((x) => (x.item === i.name ? { ...x, as: way as Way } : x)),
                      });
                  }}
                  options={i.ways.map((w) => ({ value: wayKey(w), label: wayText(w) }))}
                />
              );
            },
          },
        ]}
      />
      {plan.aggregate ? null : (
        <div className="entry-form">
          <div className="entry-field">
            <label htmlFor={`${id}-q`}>{t('opendata.plan.quasi')}</label>
            <Select
              id={`${id}-q`}
              aria-label={t('opendata.plan.quasi')}
              mode="multiple"
              value={plan.quasi}
              onChange={(quasi: string[]) => set({ ...plan, quasi })}
              options={plan.items.map((i) => ({
                value: i.item,
                label: say(entry.items.find((x) => x.name === i.item)?.title) || i.item,
              }))}
            />
            <p className="small quiet">{t('opendata.plan.quasi-note')}</p>
          </div>
          <div className="entry-field">
            <label htmlFor={`${id}-v`}>{t('opendata.plan.sensitive')}</label>
            <Select
              id={`${id}-v`}
              aria-label={t('opendata.plan.sensitive')}
              mode="multiple"
              value={plan.sensitive}
              onChange={(sensitive: string[]) => set({ ...plan, sensitive })}
              options={plan.items.map((i) => ({
                value: i.item,
                label: say(entry.items.find((x) => x.name === i.item)?.title) || i.item,
              }))}
            />
            <Checkbox
              checked={plan.leaveOutSmall}
              onChange={(event) => set({ ...plan, leaveOutSmall: event.target.checked })}
            >
              {t('opendata.plan.leave-out')}
            </Checkbox>
          </div>
        </div>
      )}
      <div className="entry-form">
        <div className="entry-field">
          <label htmlFor={`${id}-c`}>{t('opendata.facet.cycle')}</label>
          <Select
            id={`${id}-c`}
            aria-label={t('opendata.facet.cycle')}
            value={plan.cycle}
            onChange={(cycle) => set({ ...plan, cycle })}
            options={cycles.map((value) => ({ value, label: t(`opendata.cycle.${value}`) }))}
          />
        </div>
        <div className="entry-field">
          <label htmlFor={`${id}-l`}>{t('opendata.licence.label')}</label>
          <Select
            id={`${id}-l`}
            aria-label={t('opendata.licence.label')}
            value={plan.licence}
            onChange={(licence) => set({ ...plan, licence })}
            options={licences.map((value) => ({ value, label: t(`opendata.licence.${value}`) }))}
          />
        </div>
        <div className="entry-field">
          <label htmlFor={`${id}-w`}>{t('opendata.plan.keywords')}</label>
          <Select
            id={`${id}-w`}
            aria-label={t('opendata.plan.keywords')}
            mode="tags"
            maxCount={12}
            value={plan.keywords}
            onChange={(keywords: string[]) => set({ ...plan, keywords: keywords.map((w) => w.slice(0, 20)) })}
            options={[]}
          />
        </div>
        <div className="entry-field wide">
          <label htmlFor={`${id}-g`}>{t('opendata.ground')}</label>
          <Input.TextArea
            id={`${id}-g`}
            rows={2}
            maxLength={1000}
            value={plan.ground}
            placeholder={t('opendata.plan.ground-hint')}
            onChange={(event) => set({ ...plan, ground: event.target.value })}
          />
        </div>
        {entry.condition ? (
          <div className="entry-field wide">
            <label htmlFor={`${id}-m`}>{t('opendata.plan.condition', { condition: entry.condition })}</label>
            <Input.TextArea
              id={`${id}-m`}
              rows={2}
              maxLength={1000}
              value={plan.condition}
              onChange={(event) => set({ ...plan, condition: event.target.value })}
            />
          </div>
        ) : null}
      </div>
    </div>
  );
}
