"""The labels of CLINC150 and BANKING77 as the intents that matter to Parley."""

from collections.abc import Mapping

_CLINC: Mapping[str, str] = {
    "greeting": "greeting",
    "thanks": "thank_you",
    "goodbye": "goodbye",
    "small_talk": (
        "yes no maybe are_you_a_bot do_you_have_pets how_old_are_you meaning_of_life tell_joke fun_fact "
        "what_are_your_hobbies what_is_your_name where_are_you_from who_do_you_work_for who_made_you what_can_i_ask_you"
    ),
    "command": (
        "alarm timer reminder_update play_music next_song change_volume change_speed change_accent change_language "
        "change_ai_name change_user_name make_call text cancel repeat reset_settings sync_device whisper_mode "
        "smart_home roll_dice flip_coin uber find_phone share_location todo_list_update shopping_list_update "
        "calendar_update update_playlist order book_flight book_hotel restaurant_reservation schedule_meeting "
        "schedule_maintenance pay_bill transfer freeze_account order_checks cancel_reservation accept_reservations "
        "car_rental pto_request travel_notification"
    ),
    "complaint": "report_fraud report_lost_card damaged_card card_declined lost_luggage account_blocked",
}
# Labels under which questions and requests stand side by side are left out: their examples would teach nothing.
_LIST_OF_CLINC_LEFT_OUT = (
    "oos_none reminder todo_list shopping_list pin_change credit_limit_change insurance_change rollover_401k "
    "new_card improve_credit_score redeem_rewards user_name confirm_reservation translate spelling"
)
_CLINC_LEFT_OUT = frozenset(_LIST_OF_CLINC_LEFT_OUT.split())
_LIST_OF_BANKING_COMPLAINTS = (
    "card_not_working card_swallowed contactless_not_working virtual_card_not_working declined_card_payment "
    "declined_cash_withdrawal declined_transfer failed_transfer top_up_failed top_up_reverted "
    "reverted_card_payment? transaction_charged_twice extra_charge_on_statement wrong_amount_of_cash_received "
    "card_payment_wrong_exchange_rate wrong_exchange_rate_for_cash_withdrawal card_payment_not_recognised "
    "direct_debit_payment_not_recognised cash_withdrawal_not_recognised Refund_not_showing_up "
    "transfer_not_received_by_recipient balance_not_updated_after_bank_transfer "
    "balance_not_updated_after_cheque_or_cash_deposit lost_or_stolen_card lost_or_stolen_phone compromised_card "
    "pin_blocked passcode_forgotten unable_to_verify_identity beneficiary_not_allowed"
)
_BANKING_COMPLAINTS = frozenset(_LIST_OF_BANKING_COMPLAINTS.split())
_LIST_OF_BANKING_LEFT_OUT = (
    "pending_card_payment pending_cash_withdrawal pending_top_up pending_transfer card_arrival activate_my_card "
    "change_pin edit_personal_details order_physical_card getting_spare_card getting_virtual_card "
    "get_disposable_virtual_card get_physical_card card_payment_fee_charged cash_withdrawal_charge "
    "transfer_fee_charged cancel_transfer terminate_account request_refund"
)
_BANKING_LEFT_OUT = frozenset(_LIST_OF_BANKING_LEFT_OUT.split())
_BY_LABEL = {label: intent for intent, labels in _CLINC.items() for label in labels.split()}


def clinc_intent(label: str) -> str | None:
    """Return Parley's intent for a label of CLINC150; None where the label does not decide it."""
    if label in _CLINC_LEFT_OUT:
        return None
    return _BY_LABEL.get(label, "question")


def banking_intent(label: str) -> str | None:
    """Return Parley's intent for a label of BANKING77; None where the label does not decide it."""
    if label in _BANKING_LEFT_OUT:
        return None
    return "complaint" if label in _BANKING_COMPLAINTS else "question"
