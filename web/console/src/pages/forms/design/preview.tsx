/** The form as it will be filled in, at the width of a desk or of a phone; what is written into it is kept nowhere. */
import { Button } from 'antd';
import { useState } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { FaultSummary, FormFields, today } from '../fill/form.tsx';
import { type Design, type Fault, type Values, validate } from '../shared/pure.ts';

export function Preview({ design, width }: { design: Design; width: 'desk' | 'phone' }) {
  const { t } = useSpeech();
  const words = useWords();
  const [values, setValues] = useState<Values>({});
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  return (
    <div className={width === 'phone' ? 'preview-phone' : 'preview-desk'}>
      <p className="small quiet">{t('forms.design.preview-note')}</p>
      <section className="panel panel-body stack" aria-label={words(design.title)}>
        <p className="strong" style={{ fontSize: 18 }}>
          {words(design.title)}
        </p>
        {design.abstract ? <p className="quiet">{words(design.abstract)}</p> : null}
        <FaultSummary design={design} faults={faults} />
        <FormFields
          form={0}
          record=""
          design={design}
          values={values}
          set={(name, value) => setValues((before) => ({ ...before, [name]: value }) as Values)}
          faults={faults}
          online
          store={null}
          tables={{}}
        />
        <div>
          <Button type="primary" onClick={() => setFaults(validate(design, values, { today: today(), whole: true }))}>
            {t('forms.design.try')}
          </Button>
        </div>
      </section>
    </div>
  );
}
