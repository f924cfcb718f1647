/** Forms of the department: what each has collected, what waits, and the way to design a new one. */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { Num } from '../../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../../components/filters.tsx';
import { Label, Page, Panel } from '../../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../../components/states.tsx';
import { DataTable, Pager } from '../../../components/table.tsx';
import { Instant } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useSession } from '../../../session/session.tsx';
import { useWords } from '../fill/context.tsx';
import { hub } from '../shared/hub.ts';
import { FormLabel } from '../shared/parts.tsx';
import type { Desk, FormDetail, FormItem } from '../shared/types.ts';

const size = 30;

export default function Forms() {
  const { t, say } = useSpeech();
  const words = useWords();
  const url = useUrlState();
  const { may } = useSession();
  const [making, setMaking] = useState(false);
  const query = {
    q: url.get('q'),
    state: url.get('state') || undefined,
    offset: url.number('offset', 0),
    limit: size,
  };
  const all = useQuery({
    queryKey: ['forms', 'list', query],
    queryFn: ({ signal }) => hub.get<{ items: FormItem[]; total: number }>('/api/v1/forms', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title={t('titles.forms')}
      lead={t('forms.list.lead')}
      actions={
        may('forms.design') ? (
          <Button type="primary" onClick={() => setMaking(true)}>
            {t('forms.list.new')}
          </Button>
        ) : null
      }
    >
      <div className="stack">
        <Waiting />
        <Panel title={t('titles.forms')}>
          <div className="stack-s">
            <Filters keys={['q', 'state']}>
              <TextFilter name="q" label={t('common.search')} hint={t('forms.list.hint')} />
              <ChoiceFilter
                name="state"
                label={t('forms.list.state')}
                choices={(['draft', 'published', 'retired'] as const).map((value) => ({
                  value,
                  label: t(`forms.form-state.${value}`),
                }))}
              />
            </Filters>
            <Loaded query={all}>
              {(data) => (
                <>
                  <DataTable
                    caption={t('titles.forms')}
                    rows={data.items}
                    rowKey={(row) => row.id}
                    empty={<Empty title={t('forms.list.none')}>{t('forms.list.none-text')}</Empty>}
                    columns={[
                      {
                        key: 'title',
                        title: t('forms.list.title'),
                        head: true,
                        render: (row) => (
                          <>
                            <Link to="/forms/$form" params={{ form: String(row.id) } as never}>
                              {words(row.title)}
                            </Link>
                            <p className="small quiet">{say(row.organisation.name)}</p>
                          </>
                        ),
                      },
                      {
                        key: 'state',
                        title: t('forms.list.state'),
                        tight: true,
                        render: (row) => (
                          <span className="row" style={{ gap: 6 }}>
                            <FormLabel state={row.state} />
                            {row.version ? <Label>{t('forms.version', { n: row.version })}</Label> : null}
                            {row.draft && row.version ? <Label tone="warn">{t('forms.list.draft')}</Label> : null}
                          </span>
                        ),
                      },
                      {
                        key: 'records',
                        title: t('forms.records'),
                        align: 'end',
                        render: (row) => <Num value={row.records.total} />,
                      },
                      {
                        key: 'waiting',
                        title: t('forms.list.waiting'),
                        align: 'end',
                        render: (row) => <Num value={row.records.waiting} />,
                      },
                      {
                        key: 'accepted',
                        title: t('forms.state.accepted'),
                        align: 'end',
                        render: (row) => <Num value={row.records.accepted} />,
                      },
                      {
                        key: 'at',
                        title: t('common.updated'),
                        tight: true,
                        render: (row) => <Instant at={row.updatedAt} only="day" />,
                      },
                    ]}
                  />
                  <Pager
                    offset={query.offset}
                    limit={size}
                    total={data.total}
                    onOffset={(offset) => url.set({ offset: offset || undefined })}
                  />
                </>
              )}
            </Loaded>
          </div>
        </Panel>
      </div>
      {making ? <NewForm close={() => setMaking(false)} /> : null}
    </Page>
  );
}

/** What waits for whoever looks: one line, and nothing where nothing waits. */
function Waiting() {
  const { t } = useSpeech();
  const { may } = useSession();
  const desk = useQuery({
    queryKey: ['forms', 'desk'],
    queryFn: ({ signal }) => hub.get<Desk>('/api/v1/forms/desk', { signal }),
    enabled: may('forms.design') || may('forms.fill'),
  });
  const waiting = Object.entries(desk.data?.waiting ?? {}).filter(([key, n]) => n > 0 && key !== 'drafts');
  if (waiting.length === 0) return null;
  return (
    <p className="note row">
      {waiting.map(([key, n]) => (
        <Label key={key} tone={key === 'overdue' || key === 'conflicts' ? 'bad' : 'info'}>
          {t(`forms.desk.${key}`, { n })}
        </Label>
      ))}
    </p>
  );
}

function NewForm({ close }: { close: () => void }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const id = useId();
  const [title, setTitle] = useState('');
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () =>
      hub.post<FormDetail>('/api/v1/forms', {
        body: {
          name,
          design: {
            title: { zh: title.trim() },
            fields: [{ kind: 'text', name: 'name', title: { zh: t('forms.list.first-field') }, required: true }],
          },
        },
      }),
    onSuccess: (form) => navigate({ to: '/forms/$form/design', params: { form: String(form.id) } as never }),
  });
  const good = /^[a-z][a-z0-9-]{1,38}$/.test(name);
  return (
    <Modal
      open
      title={t('forms.list.new')}
      okText={t('forms.list.make')}
      cancelText={t('common.cancel')}
      onCancel={close}
      onOk={() => make.mutate()}
      okButtonProps={{ disabled: title.trim().length < 2 || !good, loading: make.isPending }}
    >
      <div className="stack-s">
        <label htmlFor={`${id}-t`}>{t('forms.list.title')}</label>
        <Input id={`${id}-t`} maxLength={200} value={title} onChange={(e) => setTitle(e.target.value)} autoFocus />
        <label htmlFor={`${id}-n`}>{t('forms.list.name')}</label>
        <Input
          id={`${id}-n`}
          className="mono"
          maxLength={39}
          value={name}
          placeholder="household-visit"
          onChange={(e) => setName(e.target.value.trim().toLowerCase())}
        />
        <p className={name && !good ? 'small bad-text' : 'small quiet'}>{t('forms.list.name-hint')}</p>
        {make.isError ? <Failure error={make.error} /> : null}
      </div>
    </Modal>
  );
}
