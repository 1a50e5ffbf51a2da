/* FLEXNPU_SIM_SPEED=null: asynchronous operators return at once and do nothing; everything counts as complete. */
#include "check.h"

int main(int argc, char **argv) {
  start(argc, argv);
  aclrtStream stream = new_stream();
  aclrtEvent event = new_event();
  uint64_t *data = device_words(1);
  set_word(data, 5); /* synchronous copies still copy */
  launch_mix(stream, data, 0, 9);
  OK(aclrtMemsetAsync(data, 8, 0, 8, stream));
  OK(aclrtRecordEvent(event, stream));
  aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
  OK(aclrtQueryEventStatus(event, &status));
  CHECK(status == ACL_EVENT_RECORDED_STATUS_COMPLETE);
  OK(aclrtStreamWaitEvent(stream, event));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtSynchronizeEvent(event));
  OK(aclrtSynchronizeDevice());
  CHECK(word(data) == 5);
  int32_t device = -1;
  OK(aclrtGetDevice(&device));
  CHECK(device == 0);
  OK(aclrtDestroyStream(stream));
  puts("ok nothing happens");
  end();
  return 0;
}
