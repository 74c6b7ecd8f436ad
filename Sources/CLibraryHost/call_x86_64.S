/* int32_t host_call_checked(function, args, message, capacity, report) */
#if defined(__x86_64__)

#define WORDS 64
#define CANARY 0x5AC3A5963C69F00F

    .bss
    .balign 16
/* Where the caller's frame is, whatever the function does to its own. */
host_frame: .skip 16

    .text
    .globl host_call_checked
    .hidden host_call_checked
    .type host_call_checked, @function
host_call_checked:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %r8
    movq %rsp, host_frame(%rip)
    /* Seven words and the return address: aligned again with an even number of words. */
    subq $(WORDS * 8), %rsp
    movq %rdi, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    /* Fill what lies above the frame of the function. */
    movabsq $CANARY, %r9
    xorl %ecx, %ecx
1:  movq %r9, (%rsp,%rcx,8)
    incl %ecx
    cmpl $WORDS, %ecx
    jne 1b
    movq $0x1B1B1B1B, %rbx
    movq $0x2B2B2B2B, %rbp
    movq $0x3C3C3C3C, %r12
    movq $0x4D4D4D4D, %r13
    movq $0x5E5E5E5E, %r14
    movq $0x6F6F6F6F, %r15
    call *%rax
    pushfq
    cld
    popq %r10
    xorl %r8d, %r8d
    cmpq $0x1B1B1B1B, %rbx
    je 2f
    orl $1, %r8d
2:  cmpq $0x2B2B2B2B, %rbp
    je 2f
    orl $2, %r8d
2:  cmpq $0x3C3C3C3C, %r12
    je 2f
    orl $4, %r8d
2:  cmpq $0x4D4D4D4D, %r13
    je 2f
    orl $8, %r8d
2:  cmpq $0x5E5E5E5E, %r14
    je 2f
    orl $16, %r8d
2:  cmpq $0x6F6F6F6F, %r15
    je 2f
    orl $32, %r8d
2:  testl $0x400, %r10d
    jz 2f
    orl $64, %r8d
2:  movq host_frame(%rip), %r11
    leaq -(WORDS * 8)(%r11), %r10
    cmpq %r10, %rsp
    je 2f
    orl $128, %r8d
    movq %r10, %rsp
2:  movabsq $CANARY, %r9
    xorl %ecx, %ecx
    xorl %esi, %esi
3:  cmpq %r9, (%r10,%rcx,8)
    je 4f
    incl %esi
4:  incl %ecx
    cmpl $WORDS, %ecx
    jne 3b
    movq %r11, %rsp
    popq %rdx
    movq %r8, (%rdx)
    movq %rsi, 8(%rdx)
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size host_call_checked, . - host_call_checked

#endif
#if defined(__linux__)
    .section .note.GNU-stack,"",%progbits
#endif
