/**
 * Asking for data in four steps: the resource, its items, ground and purpose, and a check that tells everything that is missing at
 * once. With `?request=` an own draft, or what is to be supplemented, is changed.
 */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Checkbox, DatePicker, Input, Radio, Select, Steps } from 'antd';
import dayjs from 'dayjs';
import { useEffect, useId, useState } from 'react';
import { type Answer, api, type Body } from '../../api/client.ts';
import { TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { FilterEditor } from './filter-editor.tsx';
import { Protection } from './shared.tsx';

type Entry = Answer<'/api/v1/sharing/entries/{id}'>;
export type Content = Required<Body<'/api/v1/sharing/requests'>['content']>;

const blank: Content = {
  ...{ ground: '', scene: '', scope: '', mode: null, until: null, items: [], necessity: {}, filter: [] },
  ...{ frequency: 'once', format: 'csv', conditions: '', contact: '' },
};
const typeTones = { unconditional: 'good', conditional: 'warn', refused: 'bad' } as const;

export default function Wizard() {
  const { t } = useSpeech();
  const url = useUrlState();
  const [step, setStep] = useState(url.get('entry') || url.get('request') ? 1 : 0);
  const [content, setContent] = useState<Content>(blank);
  const request = url.get('request');
  const known = useQuery({
    queryKey: ['sharing', 'request', request],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/requests/{id}', { params: { id: request }, signal }),
    enabled: request !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const data = known.data;
  useEffect(() => {
    if (data) setContent({ ...blank, ...data.content } as Content);
  }, [data]);
  const entry = url.get('entry') || data?.entry || '';
  const one = useQuery({
    queryKey: ['sharing', 'entry', entry],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/entries/{id}', { params: { id: entry }, signal }),
    enabled: entry !== '',
  });
  const set = (patch: Partial<Content>) => setContent({ ...content, ...patch });
  const titles = ['entry', 'items', 'purpose', 'check'] as const;
  return (
    <Page
      title={t('titles.sharing-new')}
      lead={t('sharing.wizard.lead')}
      back={{ to: '/sharing/requests', label: t('titles.sharing-requests') }}
    >
      <div className="stack">
        <Steps
          size="small"
          current={step}
          responsive
          onChange={(next) => entry && setStep(request && next === 0 ? 1 : next)}
          items={titles.map((name) => ({ title: t(`sharing.wizard.${name}`) }))}
        />
        {request && known.isError ? <Failure error={known.error} /> : null}
        {step === 0 ? (
          <Entries
            choose={(id) => {
              setContent({ ...blank, contact: content.contact });
              url.set({ entry: id });
              setStep(1);
            }}
          />
        ) : (
          <Loaded query={one}>
            {(shared) => (
              <>
                {step === 1 ? <Items entry={shared} content={content} set={set} /> : null}
                {step === 2 ? <Purpose entry={shared} content={content} set={set} /> : null}
                {step === 3 ? (
                  <Check
                    entry={shared}
                    content={content}
                    request={data ? { id: data.id, version: data.version } : null}
                  />
                ) : null}
                <div className="row">
                  {step > 1 || !request ? (
                    <Button onClick={() => setStep(step - 1)}>{t('sharing.wizard.back')}</Button>
                  ) : null}
                  {step < 3 ? (
                    <Button type="primary" onClick={() => setStep(step + 1)}>
                      {t('sharing.wizard.next')}
                    </Button>
                  ) : null}
                </div>
              </>
            )}
          </Loaded>
        )}
      </div>
    </Page>
  );
}

function Entries({ choose }: { choose: (id: string) => void }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const search = url.get('search');
  const found = useQuery({
    queryKey: ['sharing', 'entries', search],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/entries', { query: { search }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title={t('sharing.wizard.entry')}>
      <div className="stack-s">
        <TextFilter name="search" label={t('sharing.wizard.search')} width={280} />
        <Loaded query={found}>
          {(answer) => (
            <>
              <p className="small quiet">{t('sharing.wizard.found', { n: full(answer.total) })}</p>
              <DataTable
                caption={t('sharing.wizard.entry')}
                rows={answer.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('sharing.empty')} />}
                columns={[
                  {
                    key: 'title',
                    title: t('sharing.resource'),
                    head: true,
                    render: (row) => (
                      <>
                        {row.sharing.type === 'refused' || !row.collected ? (
                          say(row.title)
                        ) : (
                          <button type="button" className="link-button" onClick={() => choose(row.id)}>
                            {say(row.title)}
                          </button>
                        )}
                        <p className="small quiet">{row.code}</p>
                      </>
                    ),
                  },
                  { key: 'provider', title: t('sharing.provider'), render: (row) => say(row.provider.name) },
                  {
                    key: 'sharing',
                    title: t('sharing.state'),
                    render: (row) => (
                      <>
                        <Label tone={typeTones[row.sharing.type]}>
                          {t(`sharing.sharing-type.${row.sharing.type}`)}
                        </Label>
                        {row.collected ? null : <p className="small quiet">{t('sharing.wizard.not-collected')}</p>}
                        {row.sharing.type === 'refused' ? (
                          <p className="small">{t('sharing.wizard.refused', { ground: row.sharing.ground })}</p>
                        ) : null}
                        {row.sharing.type === 'conditional' ? (
                          <p className="small quiet">{row.sharing.condition}</p>
                        ) : null}
                      </>
                    ),
                  },
                  {
                    key: 'choose',
                    title: '',
                    tight: true,
                    render: (row) => (
                      <Button
                        size="small"
                        disabled={row.sharing.type === 'refused' || !row.collected}
                        onClick={() => choose(row.id)}
                      >
                        {t('sharing.wizard.choose')}
                      </Button>
                    ),
                  },
                ]}
              />
            </>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

interface Part {
  entry: Entry;
  content: Content;
  set: (patch: Partial<Content>) => void;
}

const personal = (protection: string) => protection === 'personal' || protection === 'sensitive';

function Items({ entry, content, set }: Part) {
  const { t, say } = useSpeech();
  const toggle = (name: string, on: boolean) =>
    set({ items: entry.items.map((i) => i.name).filter((n) => (n === name ? on : content.items.includes(n))) });
  return (
    <Panel
      title={`${say(entry.title)} · ${t('sharing.items')}`}
      extra={
        <>
          {t('sharing.wizard.chosen', { n: content.items.length })}
          <Button
            size="small"
            onClick={() => set({ items: entry.items.filter((i) => !personal(i.protection)).map((i) => i.name) })}
          >
            {t('sharing.wizard.all')}
          </Button>
          <Button size="small" onClick={() => set({ items: [] })}>
            {t('sharing.wizard.none')}
          </Button>
        </>
      }
    >
      <div className="stack-s">
        <p className="small quiet">{t('sharing.wizard.personal')}</p>
        <DataTable
          caption={t('sharing.items')}
          rows={entry.items}
          rowKey={(row) => row.name}
          columns={[
            {
              key: 'item',
              title: t('sharing.item'),
              head: true,
              render: (row) => (
                <Checkbox
                  checked={content.items.includes(row.name)}
                  onChange={(event) => toggle(row.name, event.target.checked)}
                >
                  {say(row.title)}
                </Checkbox>
              ),
            },
            { key: 'protection', title: '', tight: true, render: (row) => <Protection of={row.protection} /> },
            {
              key: 'necessity',
              title: t('sharing.wizard.necessity'),
              render: (row) =>
                personal(row.protection) && content.items.includes(row.name) ? (
                  <Input
                    aria-label={`${t('sharing.wizard.necessity')} ${say(row.title)}`}
                    style={{ minWidth: 180 }}
                    maxLength={500}
                    value={content.necessity[row.name] ?? ''}
                    onChange={(event) => set({ necessity: { ...content.necessity, [row.name]: event.target.value } })}
                  />
                ) : null,
            },
          ]}
        />
        <FilterEditor entry={entry} filter={content.filter} set={(filter) => set({ filter })} />
      </div>
    </Panel>
  );
}

function Text({
  label,
  value,
  rows,
  onChange,
}: {
  label: string;
  value: string;
  rows?: number;
  onChange: (text: string) => void;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <Input.TextArea
        id={id}
        autoSize={{ minRows: rows ?? 2, maxRows: 6 }}
        maxLength={1000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

function Purpose({ entry, content, set }: Part) {
  const { t } = useSpeech();
  const id = useId();
  return (
    <Panel title={t('sharing.wizard.purpose')}>
      <div className="stack-s" style={{ maxWidth: 720 }}>
        <Text label={t('sharing.ground')} value={content.ground} onChange={(ground) => set({ ground })} />
        <Text label={t('sharing.scene')} value={content.scene} onChange={(scene) => set({ scene })} />
        <Text label={t('sharing.scope')} value={content.scope} onChange={(scope) => set({ scope })} />
        {entry.sharing.type === 'conditional' ? (
          <>
            <p className="note">{t('sharing.wizard.condition', { condition: entry.sharing.condition })}</p>
            <Text
              label={t('sharing.conditions')}
              value={content.conditions}
              onChange={(conditions) => set({ conditions })}
            />
          </>
        ) : null}
        <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
          <legend>{t('sharing.mode-title')}</legend>
          <Radio.Group
            value={content.mode}
            onChange={(event) => {
              const mode = event.target.value as Content['mode'];
              set({ mode, ...(mode === 'file' ? { frequency: 'once' } : {}) });
            }}
            options={(['file', 'batch'] as const).map((value) => ({ value, label: t(`sharing.mode.${value}`) }))}
          />
        </fieldset>
        {content.mode === 'batch' ? (
          <div>
            <label htmlFor={`${id}-f`}>{t('sharing.frequency-title')}</label>
            <div>
              <Select
                id={`${id}-f`}
                aria-label={t('sharing.frequency-title')}
                style={{ minWidth: 160 }}
                value={content.frequency}
                onChange={(frequency) => set({ frequency })}
                options={(['once', 'daily', 'weekly', 'monthly', 'quarterly'] as const).map((value) => ({
                  value,
                  label: t(`sharing.frequency.${value}`),
                }))}
              />
            </div>
          </div>
        ) : null}
        <div>
          <label htmlFor={`${id}-m`}>{t('sharing.format-title')}</label>
          <div>
            <Select
              id={`${id}-m`}
              aria-label={t('sharing.format-title')}
              style={{ minWidth: 160 }}
              value={content.format}
              onChange={(format) => set({ format })}
              options={(['csv', 'parquet', 'xlsx'] as const).map((value) => ({ value, label: value.toUpperCase() }))}
            />
          </div>
        </div>
        <div>
          <label htmlFor={`${id}-u`}>{t('sharing.until')}</label>
          <div>
            <DatePicker
              id={`${id}-u`}
              aria-label={t('sharing.until')}
              value={content.until ? dayjs(content.until) : null}
              format="YYYY-MM-DD"
              onChange={(next) => set({ until: next ? next.format('YYYY-MM-DD') : null })}
            />
          </div>
        </div>
        <Text
          label={t('sharing.contact')}
          rows={1}
          value={content.contact}
          onChange={(contact) => set({ contact: contact.slice(0, 100) })}
        />
      </div>
    </Panel>
  );
}

function Check({
  entry,
  content,
  request,
}: {
  entry: Entry;
  content: Content;
  request: { id: number; version: number } | null;
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const check = useQuery({
    queryKey: ['sharing', 'check', entry.id, content],
    queryFn: ({ signal: _ }) => api.post('/api/v1/sharing/requests/check', { body: { entry: entry.id, content } }),
  });
  const keep = useMutation({
    mutationFn: async (submit: boolean) => {
      const id = request
        ? (
            await api.put('/api/v1/sharing/requests/{id}', {
              params: { id: request.id },
              body: { content, version: request.version },
            })
          ).id
        : (await api.post('/api/v1/sharing/requests', { body: { entry: entry.id, content } })).id;
      if (submit) {
        const now = await api.get('/api/v1/sharing/requests/{id}', { params: { id } });
        // A draft goes to the own head; what was supplemented goes back to the provider.
        const action = now.state === 'supplement' ? 'resubmit' : 'propose';
        await api.post('/api/v1/sharing/requests/{id}/steps', {
          params: { id },
          body: { action, version: now.version },
        });
      }
      return id;
    },
    onSuccess: async (id, submit) => {
      message.success(t(submit ? 'sharing.done' : 'sharing.wizard.saved'));
      await client.invalidateQueries({ queryKey: ['sharing'] });
      void navigate({ to: '/sharing/requests/$request', params: { request: String(id) } as never });
    },
  });
  return (
    <Panel title={t('sharing.wizard.check')}>
      <Loaded query={check}>
        {({ missing }) => (
          <div className="stack-s">
            {missing.length ? (
              <div className="note warn">
                <p className="strong">{t('sharing.wizard.lacking', { n: missing.length })}</p>
                <ul style={{ listStyle: 'disc', paddingInlineStart: 18 }}>
                  {missing.map((m) => (
                    <li key={`${m.code} ${m.field} ${m.title.zh}`}>{say(m.title)}</li>
                  ))}
                </ul>
              </div>
            ) : (
              <p className="note">{t('sharing.wizard.whole')}</p>
            )}
            {keep.isError ? <Failure error={keep.error} /> : null}
            <div className="row">
              <Button loading={keep.isPending} onClick={() => keep.mutate(false)}>
                {t('sharing.wizard.save')}
              </Button>
              <Button
                type="primary"
                loading={keep.isPending}
                disabled={missing.length > 0}
                onClick={() => keep.mutate(true)}
              >
                {t('sharing.wizard.submit')}
              </Button>
            </div>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
