/** What seems to be collected twice, and the one department that collects an item for all (数源部门). */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

type Repeats = Answer<'/api/v1/catalogue/repeats'>;
type Pair = Repeats['pairs'][number];
type Item = Repeats['items'][number];

/** Rows of each table at a time. */
const ROWS = 15;

export default function RepeatsPage() {
  const { t } = useSpeech();
  const url = useUrlState();
  const from = (key: string) => Number(url.get(key)) || 0;
  const query = {
    ...{ search: url.get('search'), decided: url.get('decided'), limit: ROWS },
    ...{ pairsFrom: from('offset'), itemsFrom: from('items-offset') },
  };
  const turn = (key: string) => (offset: number) => url.set({ [key]: offset || undefined });
  const repeats = useQuery({
    queryKey: ['catalogue', 'repeats', query],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/repeats', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.entry-repeats')} lead={t('entries.repeats.lead')}>
      <Filters keys={['search', 'decided']}>
        <TextFilter name="search" label={t('common.search')} hint={t('entries.repeats.hint')} width={260} />
        <ChoiceFilter
          name="decided"
          label={t('entries.repeats.decided')}
          choices={(['yes', 'no'] as const).map((value) => ({ value, label: t(`entries.repeats.decided-${value}`) }))}
        />
      </Filters>
      <Loaded query={repeats}>
        {(data) => (
          <div className="stack">
            <Pairs repeats={data} offset={query.pairsFrom} onOffset={turn('offset')} />
            <Items repeats={data} offset={query.itemsFrom} onOffset={turn('items-offset')} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

interface Part {
  repeats: Repeats;
  offset: number;
  onOffset: (offset: number) => void;
}

function Pairs({ repeats, offset, onOffset }: Part) {
  const { t, say } = useSpeech();
  const [asked, setAsked] = useState<Pair>();
  const side = (entry: Pair['one']) => (
    <div style={{ minWidth: '11em' }}>
      <Link to="/catalogue/entries/$entry" params={{ entry: entry.id } as never}>
        {say(entry.title)}
      </Link>
      <div className="small quiet">{say(entry.provider.name)}</div>
    </div>
  );
  return (
    <Panel title={t('entries.repeats.pairs', { n: repeats.pairsTotal })} flush>
      <DataTable
        caption={t('entries.repeats.pairs', { n: repeats.pairsTotal })}
        rows={repeats.pairs}
        rowKey={(row) => `${row.one.id} ${row.other.id}`}
        empty={<Empty title={t('entries.repeats.none')}>{t('entries.repeats.none-text')}</Empty>}
        columns={[
          { key: 'one', title: t('entries.repeats.one'), head: true, render: (row) => side(row.one) },
          { key: 'other', title: t('entries.repeats.other'), render: (row) => side(row.other) },
          {
            key: 'items',
            title: t('entries.repeats.same'),
            render: (row) => (
              <>
                {row.items.slice(0, 8).join('、')}
                {row.items.length > 8 ? ' …' : ''}
                <div className="small quiet">
                  {t('entries.repeats.share', { n: row.items.length, share: percent(row.share, 0) })}
                </div>
              </>
            ),
          },
          {
            key: 'decision',
            title: t('entries.repeats.decision'),
            render: (row) =>
              row.decision ? (
                <>
                  <Label tone="good">{t(`entries.repeats.outcome.${row.decision.outcome}`)}</Label>
                  <div className="small quiet">{row.decision.ground}</div>
                </>
              ) : repeats.mayDecide ? (
                <Button size="small" onClick={() => setAsked(row)}>
                  {t('entries.repeats.decide')}
                </Button>
              ) : (
                <Label tone="warn">{t('entries.repeats.open')}</Label>
              ),
          },
        ]}
      />
      <Pager offset={offset} limit={ROWS} total={repeats.pairsTotal} onOffset={onOffset} />
      {asked ? (
        <Decide
          title={t('entries.repeats.decide')}
          choices={(['distinct', 'keep-one', 'keep-other'] as const).map((value) => ({
            value,
            label:
              value === 'distinct'
                ? t('entries.repeats.outcome.distinct')
                : t('entries.repeats.keep', {
                    name: say(value === 'keep-one' ? asked.one.provider.name : asked.other.provider.name),
                  }),
          }))}
          send={(outcome, ground) =>
            api.put('/api/v1/catalogue/repeats', {
              body: { one: asked.one.id, other: asked.other.id, outcome: outcome as 'distinct', ground },
            })
          }
          onDone={() => setAsked(undefined)}
        />
      ) : null}
    </Panel>
  );
}

function Items({ repeats, offset, onOffset }: Part) {
  const { t, say } = useSpeech();
  const [asked, setAsked] = useState<Item>();
  return (
    <Panel
      title={t('entries.repeats.items', { n: full(repeats.itemsTotal) })}
      extra={<span className="quiet">{t('entries.repeats.items-note')}</span>}
      flush
    >
      <DataTable
        caption={t('entries.repeats.items', { n: repeats.itemsTotal })}
        rows={repeats.items}
        rowKey={(row) => `${row.subject} ${row.item}`}
        empty={<Empty title={t('entries.repeats.no-items')} />}
        columns={[
          {
            key: 'item',
            title: t('entries.item'),
            head: true,
            render: (row) => (
              <>
                {row.item}
                {row.names.length > 1 ? <div className="small quiet">{row.names.slice(0, 6).join('、')}</div> : null}
              </>
            ),
          },
          {
            key: 'subject',
            title: t('entries.place.subject'),
            tight: true,
            render: (row) => t(`terms.subject.${row.subject}`),
          },
          {
            key: 'holders',
            title: t('entries.repeats.holders'),
            render: (row) =>
              row.holders.map((h) => `${say(h.name)}${h.entries > 1 ? ` ×${h.entries}` : ''}`).join('、'),
          },
          {
            key: 'decided',
            title: t('entries.source-department'),
            render: (row) => (
              <span className="row" style={{ gap: 6 }}>
                {row.decided ? (
                  <Label tone="good">{say(row.decided.name)}</Label>
                ) : (
                  <span className="quiet">{t('entries.repeats.open')}</span>
                )}
                {repeats.mayDecide ? (
                  <Button size="small" onClick={() => setAsked(row)}>
                    {t(row.decided ? 'entries.repeats.again' : 'entries.repeats.name')}
                  </Button>
                ) : null}
              </span>
            ),
          },
        ]}
      />
      <Pager offset={offset} limit={ROWS} total={repeats.itemsTotal} onOffset={onOffset} />
      {asked ? (
        <Decide
          title={t('entries.repeats.name-title', { item: asked.item })}
          choices={asked.holders.map((h) => ({ value: h.id, label: say(h.name) }))}
          send={(organisation, ground) =>
            api.put('/api/v1/catalogue/source-departments', {
              body: { subject: asked.subject, item: asked.item, organisation, ground },
            })
          }
          onDone={() => setAsked(undefined)}
        />
      ) : null}
    </Panel>
  );
}

/** A decision: one of some, with its ground. */
function Decide(props: {
  title: string;
  choices: { value: string; label: string }[];
  send: (choice: string, ground: string) => Promise<unknown>;
  onDone: () => void;
}) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [choice, setChoice] = useState<string>();
  const [ground, setGround] = useState('');
  const send = useMutation({
    mutationFn: () => props.send(choice!, ground.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['catalogue'] });
      props.onDone();
    },
  });
  return (
    <Modal
      open
      title={props.title}
      okButtonProps={{ disabled: !choice || ground.trim().length < 2, loading: send.isPending }}
      onOk={() => send.mutate()}
      onCancel={props.onDone}
    >
      <div className="stack-s">
        <Radio.Group aria-label={props.title} value={choice} onChange={(e) => setChoice(e.target.value as string)}>
          <div className="stack-s">
            {props.choices.map((c) => (
              <Radio key={c.value} value={c.value}>
                {c.label}
              </Radio>
            ))}
          </div>
        </Radio.Group>
        <Input.TextArea
          aria-label={t('entries.desk.ground')}
          placeholder={t('entries.repeats.ground')}
          rows={3}
          value={ground}
          onChange={(e) => setGround(e.target.value)}
        />
        {send.error ? <Failure error={send.error} /> : null}
      </div>
    </Modal>
  );
}
