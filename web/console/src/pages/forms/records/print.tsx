/** An A4 page of a record, or of an empty form to be filled in by hand. The frame stays off the paper (styles/forms.css). */
import { PrinterOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { Page, useTabTitle } from '../../../components/page.tsx';
import { Empty, Loaded } from '../../../components/states.tsx';
import { instant } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useWords } from '../fill/context.tsx';
import { today } from '../fill/form.tsx';
import { hub } from '../shared/hub.ts';
import { computed, type Design } from '../shared/pure.ts';
import { Sheet } from '../shared/sheet.tsx';
import type { FormDetail, RecordDetail } from '../shared/types.ts';
import { useForm } from './form.tsx';
import '../../../styles/forms.css';

export default function Print() {
  const { t } = useSpeech();
  const { form } = useParams({ strict: false }) as { form: string };
  const record = useUrlState().get('record');
  const detail = useForm(form);
  const found = useQuery({
    queryKey: ['forms', 'record', form, record],
    queryFn: ({ signal }) =>
      hub.get<RecordDetail>('/api/v1/forms/{form}/records/{record}', { params: { form, record }, signal }),
    enabled: record !== '',
  });
  return (
    <Loaded query={detail} heading={t('titles.form-print')}>
      {(data) =>
        record === '' ? (
          data.design ? (
            <Paper form={data} design={data.design} record={null} />
          ) : (
            <Page title={t('titles.form-print')}>
              <Empty title={t('forms.fill.no-form')} />
            </Page>
          )
        ) : (
          <Loaded query={found} heading={t('titles.form-print')}>
            {(one) => <Paper form={data} design={one.design} record={one} />}
          </Loaded>
        )
      }
    </Loaded>
  );
}

function Paper({ form, design, record }: { form: FormDetail; design: Design; record: RecordDetail | null }) {
  const { t, say } = useSpeech();
  const words = useWords();
  useTabTitle(record?.caption || words(design.title));
  const visible = record ? computed(design, record.values, today()).visible : undefined;
  return (
    <Page
      title={t(record ? 'forms.print.record' : 'forms.print.empty')}
      back={
        record
          ? { to: `/forms/${form.id}/records/${record.id}`, label: record.caption || t('titles.form-record') }
          : { to: `/forms/${form.id}`, label: words(form.title) }
      }
      actions={
        <Button type="primary" icon={<PrinterOutlined />} onClick={() => print()}>
          {t('forms.print.go')}
        </Button>
      }
    >
      <article className="sheet" aria-label={words(design.title)}>
        <header className="sheet-head">
          <p>{say(form.organisation.name)}</p>
          <h2>{words(design.title)}</h2>
          <p className="sheet-meta">
            <span>
              {t('forms.print.number')} {record ? record.id.toUpperCase() : '____________________'}
            </span>
            <span>{t('forms.version', { n: record?.version ?? form.version ?? 0 })}</span>
          </p>
        </header>
        <Sheet design={design} values={record?.values ?? null} {...(visible ? { visible } : {})} />
        <footer className="sheet-foot">
          {record ? (
            <>
              <span>
                {t('forms.filled-by')}：{record.filledBy.name}
              </span>
              <span>
                {t('forms.print.received')}：{instant(record.receivedAt)}
              </span>
              <span>
                {t('forms.list.state')}：{say(record.stateTitle)}
              </span>
            </>
          ) : (
            <>
              <span>{t('forms.filled-by')}：____________</span>
              <span>{t('forms.print.date')}：______________</span>
              <span>{t('forms.print.checked-by')}：____________</span>
            </>
          )}
        </footer>
      </article>
    </Page>
  );
}
