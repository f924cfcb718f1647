/** Making a subscription: a grant, the way, what of it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { App, Button, Radio, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import {
  ContentFields,
  type Draft,
  emptyDraft,
  Field,
  filledIn,
  KindField,
  TargetFields,
  targetOf,
} from './fields.tsx';
import { Secret } from './parts.tsx';

const partitionCounts = [1, 2, 4, 8, 16] as const;

export default function NewSubscription() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const all = useQuery({
    queryKey: ['subscriptions', 'grants'],
    queryFn: ({ signal }) => api.get('/api/v1/subscriptions/grants', { signal }),
  });
  const chosen = Number(url.get('grant')) || null;
  return (
    <Page
      title={t('titles.subscription-new')}
      lead={t('subscriptions.choose-grant-text')}
      back={{ to: '/subscriptions', label: t('titles.subscriptions') }}
    >
      <Loaded query={all}>
        {({ items }) => {
          const open = items.filter((g) => !g.problem);
          const grant = items.find((g) => g.id === chosen);
          if (!items.length)
            return (
              <Panel title={t('subscriptions.choose-grant')}>
                <Empty
                  title={t('subscriptions.no-grants')}
                  action={
                    <Link to="/sharing/new">
                      <Button>{t('titles.sharing-new')}</Button>
                    </Link>
                  }
                >
                  {t('subscriptions.no-grants-text')}
                </Empty>
              </Panel>
            );
          return (
            <div className="stack">
              <Panel title={t('subscriptions.choose-grant')}>
                <div className="stack-s">
                  {open.length ? null : <p className="note warn">{t('subscriptions.no-grants-text')}</p>}
                  <Radio.Group
                    aria-label={t('subscriptions.choose-grant')}
                    value={chosen}
                    onChange={(event) => url.set({ grant: event.target.value as number })}
                    style={{ display: 'grid', gap: 8 }}
                  >
                    {items.map((g) => (
                      <Radio key={g.id} value={g.id} disabled={g.problem !== null}>
                        {say(g.title)}
                        <span className="small quiet" style={{ display: 'block' }}>
                          {say(g.provider.name)} · {t('subscriptions.until', { day: day(g.until) })}
                          {g.problem ? ` · ${say(g.problem.title)}` : ''}
                        </span>
                      </Radio>
                    ))}
                  </Radio.Group>
                </div>
              </Panel>
              {grant && !grant.problem ? <Form key={grant.id} grant={grant} /> : null}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

type Grant = { id: number; title: { zh: string; en: string }; items: Parameters<typeof ContentFields>[0]['items'] };

function Form({ grant }: { grant: Grant }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Draft>({ ...emptyDraft, title: say(grant.title) });
  const [partitions, setPartitions] = useState<(typeof partitionCounts)[number]>(1);
  const [begin, setBegin] = useState<'now' | 'all'>('now');
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const go = (id: number) =>
    navigate({ to: '/subscriptions/$subscription', params: { subscription: String(id) } } as never);
  const create = useMutation({
    mutationFn: () =>
      api.post('/api/v1/subscriptions', {
        body: {
          ...{ grant: grant.id, title: draft.title.trim(), target: targetOf(draft), items: draft.items },
          ...{ changes: draft.changes, batch: draft.batch, partitions, begin },
        },
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['subscriptions'] });
      message.success(t('subscriptions.created-done'));
      if (!made.secret) void go(made.id);
    },
  });
  return (
    <>
      <Panel title={t('subscriptions.step-target')}>
        <div className="stack-s" style={{ maxInlineSize: 720 }}>
          <KindField draft={draft} set={set} />
          <TargetFields draft={draft} set={set} />
        </div>
      </Panel>
      <Panel title={t('subscriptions.step-what')}>
        <div className="stack-s" style={{ maxInlineSize: 720 }}>
          <ContentFields draft={draft} set={set} items={grant.items} />
          {draft.kind === 'pull' ? null : (
            <Field label={t('subscriptions.partitions')} note={t('subscriptions.partitions-note')}>
              {(id) => (
                <Select
                  id={id}
                  aria-label={t('subscriptions.partitions')}
                  style={{ maxWidth: 280 }}
                  value={partitions}
                  onChange={setPartitions}
                  options={partitionCounts.map((n) => ({
                    value: n,
                    label: n === 1 ? t('subscriptions.partitions-one') : t('subscriptions.partitions-n', { n }),
                  }))}
                />
              )}
            </Field>
          )}
          <Field label={t('subscriptions.begin')}>
            {() => (
              <Radio.Group
                aria-label={t('subscriptions.begin')}
                value={begin}
                onChange={(event) => setBegin(event.target.value as 'now' | 'all')}
                options={[
                  { value: 'now', label: t('subscriptions.begin-now') },
                  { value: 'all', label: t('subscriptions.begin-all') },
                ]}
              />
            )}
          </Field>
          {create.isError ? <Failure error={create.error} /> : null}
          <div>
            <Button
              type="primary"
              disabled={!filledIn(draft)}
              loading={create.isPending}
              onClick={() => create.mutate()}
            >
              {t('subscriptions.create')}
            </Button>
          </div>
        </div>
      </Panel>
      {create.data?.secret ? (
        <Secret kind={draft.kind} value={create.data.secret} onClose={() => void go(create.data.id)} />
      ) : null}
    </>
  );
}
