//! The list of all tests of the suite, by noun.

/// Makes one `#[test]` of every entry of the suite, in one module a noun.
///
/// The argument makes the [`Fixture`](crate::storage::conformance::Fixture) of one test; it is evaluated once a test.
///
/// ```text
/// mod sqlite {
///     jobs_runtime::conformance!(super::SqliteFixture::new());
/// }
/// ```
#[macro_export]
macro_rules! conformance {
    ($fixture:expr) => { $crate::conformance! { @list tests ($fixture) } };
    (@list $then:ident $with:tt) => { $crate::conformance! { @$then $with
        insert {
            one_job_is_stored_as_given
            many_jobs_are_answered_in_order
            a_resend_changes_nothing
            a_resend_never_revives_a_job
            new_and_known_ids_may_be_mixed
            new_and_known_ids_may_be_mixed_in_a_very_large_call
            an_id_given_twice_in_one_call_is_stored_once
            no_jobs_are_no_work
            a_delay_counts_from_the_database_clock
            an_instant_is_kept_to_the_microsecond
            a_past_instant_is_runnable_at_once
            hostile_texts_come_back_as_given
            names_that_look_alike_are_different
            nul_in_texts_harms_nothing_else
            payload_bytes_come_back_as_given
            extreme_numbers_come_back_as_given
        }
        fault {
            a_call_is_stored_whole_or_not_at_all
            one_bad_call_does_not_harm_its_neighbours
            an_output_that_cannot_be_stored_fails_its_job_alone
            calls_that_race_with_one_id_store_it_once
            dropped_calls_are_done_whole_or_not_at_all
            large_calls_at_once_do_not_harm_each_other
            large_calls_that_are_dropped_are_done_whole_or_not_at_all
            a_rolled_back_transaction_leaves_nothing
            a_committed_transaction_stores_its_jobs
        }
        read {
            an_unknown_job_has_no_record_and_no_history
            a_history_is_limited
            who_looks_on_sees_and_does_the_same
        }
        insight {
            totals_tell_what_is_set_aside
            the_longest_wait_of_each_queue_is_told
            the_database_tells_its_version_and_sizes
            tables_are_of_the_version_that_the_program_needs
        }
        error {
            failures_that_are_alike_are_one_group
            what_is_no_failure_is_no_error
            groups_are_listed_newest_first_in_pages
            notes_are_told_until_they_are_folded
            two_that_fold_count_each_failure_once
            a_failure_that_is_rolled_back_leaves_no_error
            groups_go_with_the_retention_of_failed_jobs
        }
        list {
            each_state_has_its_order_in_pages_of_any_size
            what_waits_for_parents_or_a_batch_is_listed_once
            kinds_and_queues_filter
            times_filter_also_under_ids_that_tell_no_time
            retries_and_what_is_set_aside_are_told_apart
            a_search_looks_no_further_than_it_may
            a_place_outlives_the_jobs_around_it
            a_place_of_another_list_is_refused
            texts_are_read_up_to_a_length
        }
        claim {
            the_order_is_queue_then_priority_then_id
            only_the_queues_and_kinds_asked_for_are_taken
            a_claimed_job_brings_all_its_facts
            slots_and_prefetch_limit_the_number
            slow_kinds_are_not_prefetched
            jobs_with_one_attempt_are_not_prefetched
            nothing_is_taken_without_a_valid_lease
            no_two_servers_share_a_job
            fences_only_grow
            an_empty_request_takes_nothing
            a_queue_named_twice_gives_its_jobs_once
            a_job_past_its_expiry_is_marked
            a_cancelled_job_is_marked_when_claimed_again
            a_server_sees_the_chunks_that_it_holds
        }
        suspect {
            a_suspect_is_claimed_in_a_chunk_alone
            a_suspect_is_left_where_it_may_not_be_taken
            one_claim_takes_one_suspect
            a_suspect_takes_a_slot_and_does_not_starve
            a_suspect_obeys_queue_and_kind
            a_requeue_clears_the_suspicion
        }
        finish {
            a_success_keeps_output_and_times
            a_retry_waits_and_then_runs_again
            a_retry_without_delay_is_runnable_after_promotion
            a_failure_keeps_its_error
            a_failure_without_an_attempt_leaves_no_entry
            a_deletion_keeps_reason_and_error
            a_snooze_charges_nothing
            a_hand_back_charges_nothing_and_keeps_the_place
            a_snooze_keeps_the_place_in_its_lane
            answers_come_in_the_order_of_the_call
            a_final_verdict_sent_again_changes_nothing
            a_verdict_sent_again_changes_nothing
            another_verdict_after_a_final_one_changes_nothing
            one_call_ends_a_job_once
            a_verdict_that_races_with_itself_counts_once
            a_foreign_fence_or_server_has_no_right
            a_late_server_keeps_its_right_until_the_rescue
            long_and_hostile_errors_are_cleaned_and_cut
        }
        finish_within {
            an_end_is_there_with_the_commit
            the_finish_that_follows_a_commit_changes_nothing
            a_rollback_leaves_the_job_running
            a_job_whose_end_was_rolled_back_is_rescued
            an_end_shares_the_fate_of_what_is_written_beside_it
            a_second_end_in_one_transaction_is_told_apart
            every_end_may_be_written_so
            a_job_is_not_put_back_so
            a_chunk_lives_on_with_its_other_jobs
            a_job_that_is_requeued_before_it_left_leaves
            a_rescue_of_an_older_chunk_leaves_it_alone
            a_job_is_kept_until_it_has_left
            a_server_that_dies_before_its_job_left_leaves_nothing
            a_job_that_is_not_kept_leaves_its_chunk_and_goes
            a_lost_right_writes_nothing
            an_end_that_races_with_a_rescue_has_one_winner
            what_a_handler_told_is_stored_with_its_end
        }
        within {
            a_change_is_made_with_the_commit
            a_change_that_is_rolled_back_was_never_made
            a_change_in_a_transaction_obeys_its_guard
            a_transaction_sees_what_it_has_stored
            a_transaction_that_goes_on_after_an_error_may_still_commit
            a_definition_obeys_the_transaction_that_it_is_stored_in
            a_trigger_obeys_the_transaction_that_it_is_made_in
        }
        stale {
            no_verdict_counts_after_a_rescue
            no_verdict_counts_after_the_rescue_failed_the_job
            no_verdict_counts_after_a_requeue
            no_verdict_counts_after_a_deletion
            no_verdict_counts_after_a_reschedule
            no_verdict_counts_while_another_server_runs_the_job
        }
        chunk {
            a_rescue_spares_a_neighbour_that_left_the_chunk
            a_claim_that_outlives_its_server_is_rescued
            a_claim_whose_answer_was_lost_can_be_given_back
            a_release_hands_back_what_is_live_and_charges_nothing
            a_retired_server_leaves_its_chunk_to_the_rescue
            a_chunk_goes_with_its_last_job
            a_deleted_job_is_not_rescued_with_its_chunk
        }
        rescue {
            a_valid_lease_protects
            a_renewed_lease_protects_from_an_old_look
            a_rescue_charges_attempt_and_crash
            the_first_crash_counts_for_all
            the_crash_limit_fails_the_job
            a_limit_of_one_fails_at_the_first_crash
            used_up_attempts_fail_the_job
            used_up_attempts_delete_where_the_job_says_so
            a_rescue_done_twice_is_harmless
            two_rescuers_do_the_work_once
            a_verdict_that_races_with_a_rescue_has_one_winner
            unknown_fences_are_ignored
            a_poison_job_does_not_fail_its_neighbours
        }
        server {
            a_beat_stores_what_the_server_says
            a_lease_follows_a_clock_that_was_set_back
            a_second_beat_renews_and_keeps_the_start
            a_lease_ends_by_the_database_clock
            servers_are_listed_oldest_first
            a_retired_server_is_gone_when_it_holds_nothing
            a_retired_server_stays_while_it_holds_a_chunk
            a_sweep_takes_only_the_dead_without_chunks
            a_swept_server_may_beat_again
        }
        signal {
            a_server_is_told_nothing_at_first
            signals_add_up_for_the_server_they_are_for
            a_beat_leaves_what_the_server_is_told
            a_server_that_is_not_there_is_told_apart
        }
        look {
            where_nothing_is_there_is_nothing_to_do
            runnable_jobs_are_seen_in_the_queues_that_are_read
            a_suspect_is_seen_as_well
            what_is_paused_is_not_ready
            the_next_scheduled_job_is_told
            the_next_occurrence_is_told_to_those_that_may_fire_it
            the_next_step_of_a_batch_is_told
            jobs_to_be_set_aside_or_brought_back_are_told
            chunks_without_a_lease_and_rows_of_the_dead_are_told
            orders_are_told_with_the_rest
            notes_of_the_statistics_are_told_until_they_are_added_up
            one_of_many_queues_is_enough
        }
        offer {
            a_job_with_a_slot_is_claimed_as_it_is_stored
            each_end_of_such_a_job_counts
            what_does_not_fit_waits_as_ever
            a_job_that_waits_goes_first
            a_suspect_that_waits_goes_first
            no_job_is_given_without_a_valid_lease
            what_is_paused_is_not_given
            a_known_id_is_not_given
            a_call_that_fails_gives_nothing
            calls_at_once_are_given_or_wait
            such_a_job_may_be_cancelled_and_requeued
            such_a_job_is_rescued_like_any
        }
        pause {
            a_paused_queue_gives_no_jobs
            a_paused_kind_is_claimed_from_no_queue
            a_paused_server_gets_no_jobs
            a_retired_server_leaves_no_pause
            a_paused_kind_s_jobs_are_set_aside_and_come_back
            a_pause_ends_by_the_database_clock
            an_end_that_has_passed_means_no_pause
            a_second_pause_gives_another_reason_and_end
            pauses_are_listed_oldest_first
            a_pause_obeys_the_transaction_that_it_is_set_in
            a_pause_holds_what_a_rescue_brings_back
        }
        note {
            progress_is_replaced
            log_lines_are_appended
            a_job_that_is_not_live_takes_no_notes
            lost_jobs_are_revoked
            a_cancelled_job_is_asked_to_stop
            rights_that_hold_are_not_revoked
        }
        change {
            each_state_takes_what_the_graph_allows
            a_guard_decides_before_the_graph
            an_unknown_job_is_told_apart
            a_deletion_keeps_its_reason
            a_requeue_starts_afresh
            a_requeue_while_running_gives_a_greater_fence
            a_reschedule_sets_the_time
            a_reschedule_of_a_waiting_job_keeps_its_attempts
            a_reschedule_to_now_is_runnable_after_promotion
            a_cancel_of_a_running_job_leaves_the_end_to_it
            racing_changes_take_effect_once
            a_deletion_that_races_with_a_claim_holds
            a_verdict_that_races_with_a_deletion_has_one_winner
        }
        promote {
            due_jobs_become_runnable_and_others_wait
            the_earliest_go_first_within_the_limit
            the_next_due_time_is_told
            nothing_due_is_nothing_done
            promoted_jobs_take_their_place_in_the_order
            two_promoters_move_each_job_once
        }
        park {
            kinds_without_a_server_are_set_aside_and_come_back
            a_dead_server_s_kinds_are_set_aside
            a_park_moves_at_most_its_limit
            jobs_keep_their_order_through_parking
            a_parked_job_can_be_changed
        }
        recurring {
            a_definition_comes_back_as_given
            an_update_keeps_the_next_time_unless_the_schedule_changed
            an_update_keeps_what_has_fired
            definitions_are_listed_by_id
            a_removal_leaves_the_jobs
            due_definitions_are_found_by_the_database_clock
            definitions_of_code_fire_only_where_declared
            a_trigger_makes_a_job_beside_the_schedule
            an_unknown_definition_is_told_apart
        }
        recurring_fire {
            a_fire_makes_the_job_and_moves_on
            a_fire_without_a_next_time_ends_the_schedule
            a_fire_from_an_old_look_does_nothing
            an_occurrence_fires_once_in_its_life
            two_schedulers_fire_each_occurrence_once
            an_overlap_is_skipped_until_the_run_has_ended
            a_run_by_hand_does_not_hide_the_one_before
            an_overlap_is_allowed_where_the_fire_says_so
            a_list_of_missed_occurrences_is_stored_whole
            an_empty_list_only_moves_on
            runs_are_listed_newest_first
            runs_by_hand_have_times_of_their_own
            runs_go_with_their_jobs
        }
        recurring_owner {
            what_no_live_server_declares_is_orphaned
            a_sweep_removes_what_was_orphaned_for_so_long
            what_is_declared_again_in_time_stays
            a_removed_definition_can_be_declared_anew
            a_paused_definition_is_due_and_says_so
            an_edit_of_what_the_code_defines_outlives_deploys
            an_edit_ends_where_the_code_says_the_same
        }
        audit {
            an_act_is_noted_in_its_transaction
            what_did_not_take_effect_is_noted_too
            each_act_says_what_was_before_and_after
            acts_on_everything_name_their_target
            an_act_that_fails_is_not_noted
            acts_are_listed_newest_first_in_pages
            acts_filter_by_actor_act_and_target
            texts_are_kept_as_given_and_bounded
            from_where_an_act_came_is_kept
            notes_go_when_their_time_is_over
        }
        lane {
            a_job_that_waits_is_moved_and_nothing_else
            a_priority_sets_the_order_anew
            a_job_that_waits_for_others_runs_in_its_new_lane
            a_job_that_is_set_aside_may_be_moved
            a_suspect_stays_one_in_its_new_lane
            moves_that_race_with_claims_lose_no_job
            moves_that_race_with_promotion_lose_no_job
            args_are_edited_where_the_job_does_not_run
            an_edit_of_what_has_changed_is_refused
            edits_that_race_with_claims_have_one_winner
            a_skip_leaves_one_occurrence_out
            an_alteration_changes_what_was_made_at_run_time
        }
        operation {
            an_operation_changes_all_that_match_and_no_other
            each_act_does_what_it_does_to_one_job
            a_step_changes_no_more_than_its_limit
            what_has_changed_since_the_begin_is_left_alone
            what_is_requeued_and_ends_again_is_not_met_twice
            what_comes_later_is_not_met
            an_operation_that_is_cancelled_stops
            a_job_that_is_refused_harms_no_other
            two_steppers_change_each_job_once
            operations_are_begun_and_listed_as_given
            operations_go_in_their_time
            a_look_tells_that_an_operation_runs
        }
        operation_walk {
            every_state_is_walked_in_steps_of_any_size
            all_lanes_are_walked
            a_queue_is_walked_alone
            members_that_batches_hold_back_are_walked
            times_bound_an_operation
            an_operation_is_for_what_the_list_shows
            a_filter_that_cannot_be_meant_is_no_count
            what_waits_in_a_queue_is_cleared
            counts_are_exact_where_the_totals_tell
            counts_say_how_far_they_looked
        }
        retention {
            each_state_has_its_default
            a_job_may_say_how_long_it_is_kept
            nothing_is_kept_for_a_retention_of_zero
            a_step_is_bounded_and_the_walk_comes_back
            live_jobs_are_never_removed
            a_job_is_kept_from_its_last_end
            an_old_id_does_not_shorten_the_retention
            the_history_goes_with_the_job
            what_a_run_told_goes_with_a_job_that_is_not_kept
        }
        stat {
            each_event_is_counted_by_queue_and_kind
            a_resend_is_not_counted
            waits_and_runs_fall_into_their_buckets
            counts_and_sums_tell_what_the_points_tell
            rolling_up_keeps_the_sums
            points_begin_at_their_minute_hour_and_day
            totals_are_told_by_queue_kind_and_state
        }
        flow_parents {
            several_parents_are_waited_for_by_their_rule
            parents_that_have_ended_already_decide_at_once
            outputs_and_errors_are_kept_for_the_child
            parents_that_end_in_one_chunk_release_once
            parents_that_end_on_two_servers_release_once
        }
        flow_release {
            each_condition_is_met_by_its_endings_alone
            a_job_that_waits_may_be_stored_as_any_other
            a_delay_counts_from_the_release
            an_instant_is_waited_for_beside_the_parent
            an_expiry_counts_from_the_release
            an_unmet_condition_cascades_with_its_reason
            chains_and_trees_run_to_their_ends
            an_attach_that_races_with_the_end_is_released
            many_children_of_one_parent_are_released
            what_is_no_end_releases_nothing
            a_rescue_that_ends_a_parent_releases
        }
        flow_act {
            a_job_that_waits_can_be_deleted
            a_job_that_waits_can_be_made_to_run
            a_job_that_waits_can_be_given_a_time
            a_requeue_of_a_final_parent_releases_once
            a_child_may_be_run_again
            a_deletion_of_a_parent_is_an_end
            a_parent_that_failed_and_is_deleted_ended_once
            a_cancel_of_a_running_parent_leaves_the_end_to_it
            a_parent_that_is_not_kept_releases
            what_waits_is_kept_however_long
            history_and_lists_tell_of_what_waits
        }
        flow_within {
            a_flow_obeys_the_transaction_that_it_is_stored_in
            a_job_stored_in_a_transaction_waits_for_its_parent
            a_refused_flow_leaves_the_transaction_usable
            a_cancel_obeys_the_transaction_that_it_is_made_in
            an_end_of_the_handlers_own_releases_when_the_job_leaves
            an_end_of_a_server_that_died_releases_with_the_rescue
            an_attach_to_a_job_that_has_yet_to_leave_is_released_once
            a_job_that_is_requeued_before_it_left_releases_once
            a_delete_before_the_job_left_releases_once
            a_resend_changes_nothing
            what_is_known_is_left_alone_when_its_parent_is_gone
            a_release_shares_the_fate_of_the_finish
        }
        flow_refuse {
            an_unknown_parent_is_told_apart
            a_parent_that_was_removed_is_unknown
            an_unknown_batch_is_told_apart
            a_bad_flow_does_not_harm_its_neighbours
            a_job_cannot_wait_for_itself
            a_batch_cannot_wait_for_itself
            an_attach_cannot_close_a_ring
            batches_are_named_after_what_is_around_them
        }
        flow_attach {
            members_may_be_attached_as_long_as_the_batch_is_not_cancelled
            a_member_may_attach_others_while_it_runs
            an_attach_that_races_with_the_last_end_loses_nothing
            a_batch_that_ended_before_upkeep_came_may_be_opened_again
            counts_stay_true_when_members_are_run_again
        }
        flow_batch {
            a_batch_comes_back_as_given
            members_are_counted_as_they_end
            a_batch_ends_with_its_last_member
            members_that_end_on_two_servers_end_the_batch_once
            batches_are_nested_to_any_depth
            jobs_and_batches_run_after_each_other
            an_unmet_batch_is_deleted_with_its_members
            an_empty_batch_ends_when_it_starts
            a_batch_whose_parents_end_in_the_same_call_has_its_members
            members_may_wait_for_each_other
        }
        flow_hold {
            members_of_an_unsealed_batch_are_held_back
            a_step_moves_no_more_than_its_limit
            two_steppers_move_each_member_once
            an_abandoned_batch_is_removed_after_an_hour
            an_abandoned_batch_goes_also_with_one_in_it_that_has_ended
            a_sealed_batch_is_not_abandoned
            a_batch_starts_when_it_is_sealed_and_its_parents_have_ended
            a_nested_batch_starts_with_the_one_around_it
            a_held_member_waits_for_its_own_parents_too
            a_delay_of_a_held_member_counts_from_the_start
            operators_may_act_on_held_members
        }
        flow_cancel {
            a_cancelled_batch_starts_no_member
            a_retry_in_a_cancelled_batch_does_not_run_again
            a_batch_that_has_not_started_can_be_cancelled
            empty_batches_in_a_cancelled_one_end_with_the_cancel
            a_nested_batch_can_be_cancelled_alone
            a_cancel_is_one_step_whatever_the_size
            a_cancel_that_races_with_claims_starts_nothing_after_it
            a_requeue_in_a_cancelled_batch_leaves_nothing_stuck
            a_member_put_back_after_the_sweep_is_deleted_too
        }
        flow_read {
            batches_are_listed_newest_first_in_pages
            outputs_are_read_in_pages
            a_member_knows_its_batch
            the_arrows_of_a_flow_are_told
        }
        flow_keep {
            members_are_kept_as_long_as_their_batch
            a_batch_that_does_not_say_is_kept_by_how_it_ended
            a_batch_that_is_not_kept_goes_with_its_end
            a_batch_that_was_opened_again_is_kept_from_its_last_end
            a_big_batch_is_removed_in_steps
            one_look_removes_no_more_than_it_may
        }
        random {
            histories_of_seeds_1_to_5_follow_the_model
            histories_of_seeds_6_to_10_follow_the_model
            histories_of_seeds_11_to_15_follow_the_model
            histories_of_seeds_16_to_20_follow_the_model
        }
    } };
    (@tests ($fixture:expr) $($noun:ident { $($test:ident)* })*) => { $(
        mod $noun {
            #[allow(unused_imports, reason = "the fixture's expression may name its surroundings")]
            use super::*;
            $(
                #[test]
                fn $test() {
                    $crate::storage::conformance::run(stringify!($noun), stringify!($test), $fixture);
                }
            )*
        }
    )* };
    (@dispatch ($world:ident, $at:ident) $($noun:ident { $($test:ident)* })*) => {
        match $at {
            $($( (stringify!($noun), stringify!($test)) => Box::pin($noun::$test(&$world)).await, )*)*
            (noun, test) => panic!("the suite has no test `{noun}::{test}`"),
        }
    };
}
