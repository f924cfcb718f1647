/** The typed views of records, which the libraries publish; kept here for who knew them here. */
export {
  type ClassFields,
  classFields,
  defineRecordViews,
  type FieldPlace,
  recordSelect,
  recordView,
} from '../../libraries/index.ts';
