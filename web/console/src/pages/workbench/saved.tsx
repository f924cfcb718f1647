/** Saved queries: one's own and those that others share. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Popconfirm } from 'antd';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

export default function SavedQueries() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const client = useQueryClient();
  const asked = { q: url.get('q'), of: (url.get('of') || 'all') as 'all' | 'own' | 'shared' };
  const all = useQuery({
    queryKey: ['workbench', 'saved', 'list', asked],
    queryFn: ({ signal }) => api.get('/api/v1/workbench/saved', { query: asked, signal }),
  });
  const remove = useMutation({
    mutationFn: (id: number) => api.delete('/api/v1/workbench/saved/{id}', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['workbench', 'saved'] }),
  });
  return (
    <Page
      title={t('titles.workbench-saved')}
      lead={t('workbench.saved-lead')}
      back={{ to: '/workbench', label: t('titles.workbench') }}
    >
      <Filters keys={['q', 'of']}>
        <TextFilter name="q" label={t('workbench.find-saved')} />
        <ChoiceFilter
          name="of"
          label={t('workbench.whose')}
          width={160}
          choices={(['own', 'shared'] as const).map((value) => ({ value, label: t(`workbench.whose-${value}`) }))}
        />
      </Filters>
      {remove.isError ? <Failure error={remove.error} /> : null}
      <Loaded query={all}>
        {({ items }) => (
          <Panel title={t('workbench.saved-list')} flush={items.length > 0}>
            <DataTable
              caption={t('workbench.saved-list')}
              rows={items}
              rowKey={(q) => q.id}
              empty={<Empty title={t('workbench.no-saved')}>{t('workbench.no-saved-text')}</Empty>}
              columns={[
                {
                  key: 'name',
                  head: true,
                  title: t('workbench.name'),
                  render: (q) => (
                    <>
                      <Link to="/workbench" search={{ query: q.id } as never}>
                        {q.name}
                      </Link>
                      {q.description ? <p className="small quiet">{q.description}</p> : null}
                    </>
                  ),
                },
                { key: 'author', title: t('workbench.author'), render: (q) => q.author },
                {
                  key: 'organisation',
                  title: t('workbench.organisation'),
                  render: (q) => say(q.organisationName) || '—',
                },
                {
                  key: 'shared',
                  title: t('workbench.shared'),
                  render: (q) => (
                    <Label tone={q.shared === 'own' ? undefined : 'info'}>
                      {t(`workbench.shared-${q.shared}`)}
                      {q.roles.length
                        ? `：${q.roles.map((r) => t(`workbench.role-${r}`, { defaultValue: r })).join('、')}`
                        : ''}
                    </Label>
                  ),
                },
                { key: 'changed', title: t('workbench.changed'), render: (q) => <Instant at={q.changedAt} /> },
                {
                  key: 'acts',
                  title: t('workbench.acts'),
                  tight: true,
                  render: (q) =>
                    q.editable ? (
                      <Popconfirm
                        title={t('workbench.delete-sure', { name: q.name })}
                        okText={t('workbench.delete')}
                        cancelText={t('common.cancel')}
                        onConfirm={() => remove.mutate(q.id)}
                      >
                        <Button size="small" danger>
                          {t('workbench.delete')}
                          <span className="visually-hidden">{q.name}</span>
                        </Button>
                      </Popconfirm>
                    ) : null,
                },
              ]}
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}
